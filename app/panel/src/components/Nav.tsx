// SPDX-License-Identifier: BSD-3-Clause
import { useEffect, useRef } from "preact/hooks";

import { pageOf, pages } from "../pages/pages";
import { can } from "../state/features";
import { formatHash, location } from "../state/location";
import { texts } from "../texts";

// Where there is no room for all, the current one is in the middle as far as that can be.
function center(nav: HTMLElement): void {
	const current = nav.querySelector("[aria-current]")?.getBoundingClientRect();
	if (!current) return;
	const { left, width } = nav.getBoundingClientRect();
	nav.scrollLeft += current.left + current.width / 2 - (left + width / 2);
}

// The pages that this Weir can fill.
export function Nav() {
	const element = useRef<HTMLElement>(null);
	const current = pageOf(location.value.page).name;
	const offered = pages.filter((page) => page.method === undefined || can(page.method));

	useEffect(() => {
		const nav = element.current;
		if (!nav) return;
		// Also told at once, and when the window is turned or resized.
		const observer = new ResizeObserver(() => center(nav));
		observer.observe(nav);
		return () => observer.disconnect();
	}, [current, offered.length]);

	return (
		<nav class="nav" ref={element} aria-label={texts.nav.label}>
			{offered.map((page) => (
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
