// SPDX-License-Identifier: BSD-3-Clause
import { pageOf, pages } from "../pages/pages";
import { can } from "../state/features";
import { formatHash, location } from "../state/location";
import { texts } from "../texts";

// The pages that this Weir can fill.
export function Nav() {
	const current = pageOf(location.value.page).name;
	return (
		<nav class="nav" aria-label={texts.nav.label}>
			{pages
				.filter((page) => page.method === undefined || can(page.method))
				.map((page) => (
					<a
						key={page.name}
						href={formatHash({ page: page.name, params: {} })}
						aria-current={page.name === current ? "page" : undefined}
					>
						{page.title}
					</a>
				))}
		</nav>
	);
}
