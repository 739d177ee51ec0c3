// SPDX-License-Identifier: BSD-3-Clause
import { Banner } from "./components/Banner";
import { Header } from "./components/Header";
import { pageOf } from "./pages/pages";
import { location } from "./state/location";
import { stale } from "./state/panel";
import { texts } from "./texts";

export function App() {
	const Page = pageOf(location.value.page).component;
	return (
		<>
			<a class="skip" href="#results" onClick={skip}>
				{texts.skip}
			</a>
			<Header />
			<Banner />
			<main id="main" class={stale.value ? "stale" : ""}>
				<Page />
			</main>
		</>
	);
}

// The address's # belongs to the pages, so the jump is made here.
function skip(event: Event): void {
	event.preventDefault();
	document.getElementById("results")?.focus();
}
