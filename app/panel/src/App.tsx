// SPDX-License-Identifier: BSD-3-Clause
import { Banner } from "./components/Banner";
import { Header } from "./components/Header";
import { Nav } from "./components/Nav";
import { PageView } from "./components/PageView";
import { LoginPage } from "./pages/LoginPage";
import { pageOf } from "./pages/pages";
import { location } from "./state/location";
import { stale } from "./state/panel";
import { needsLogin } from "./state/session";
import { texts } from "./texts";

export function App() {
	if (needsLogin.value) return <LoginPage />;
	return (
		<>
			<a class="skip" href="#main" onClick={skip}>
				{texts.skip}
			</a>
			<Header />
			<Nav />
			<Banner />
			<main id="main" tabIndex={-1} class={stale.value ? "stale" : ""}>
				<PageView page={pageOf(location.value.page)} />
			</main>
		</>
	);
}

// The address's # belongs to the pages, so the jump is made here.
function skip(event: Event): void {
	event.preventDefault();
	document.getElementById("main")?.focus();
}
