// SPDX-License-Identifier: BSD-3-Clause
// The page and its settings live in the address, behind the #, so that a view can be kept, shared
// and returned to, and so that any static file server will do: #/live?minutes=5

import { signal } from "@preact/signals";

export interface Location {
	page: string;
	params: Readonly<Record<string, string>>;
}

export function parseHash(hash: string): Location {
	const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
	return { page: path, params: Object.fromEntries(new URLSearchParams(search)) };
}

export function formatHash(location: Location): string {
	const search = new URLSearchParams(location.params).toString();
	return `#/${location.page}${search === "" ? "" : `?${search}`}`;
}

export const location = signal<Location>({ page: "", params: {} });

export function followLocation(): void {
	const read = () => (location.value = parseHash(window.location.hash));
	window.addEventListener("hashchange", read);
	read();
}

// Change one setting of the page without a new entry in the browser's history.
export function setParam(name: string, value: string | null): void {
	const { [name]: _, ...others } = location.value.params;
	const params = value === null ? others : { ...others, [name]: value };
	location.value = { page: location.value.page, params };
	window.history.replaceState(null, "", formatHash(location.value));
}

// Go to a page, with an entry in the browser's history.
export function goTo(page: string, params: Location["params"] = {}): void {
	window.location.hash = formatHash({ page, params });
}

// Close what a page's address has open; whoever went elsewhere meanwhile stays there. The browser's
// address tells that, as its event comes after other tasks that are waiting.
export function leave(page: string): void {
	if (parseHash(window.location.hash).page === page) goTo(page);
}
