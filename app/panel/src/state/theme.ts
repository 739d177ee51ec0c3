// SPDX-License-Identifier: BSD-3-Clause
// Light, dark, or what the system prefers. The choice is kept in this browser.

import { computed, effect, signal } from "@preact/signals";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = "weir.theme";
const systemDark = signal(false);

export const theme = signal<Theme>("auto");
export const dark = computed(() => (theme.value === "auto" ? systemDark.value : theme.value === "dark"));

function isTheme(text: string | null): text is Theme {
	return THEMES.some((name) => name === text);
}

// Storage may be forbidden; then the choice lasts as long as the page.
function stored(): string | null {
	try {
		return window.localStorage.getItem(STORAGE_KEY);
	} catch {
		return null;
	}
}

export function chooseTheme(next: Theme): void {
	theme.value = next;
	try {
		window.localStorage.setItem(STORAGE_KEY, next);
	} catch {
		// kept for this page only
	}
}

export function followTheme(): void {
	const query = window.matchMedia("(prefers-color-scheme: dark)");
	systemDark.value = query.matches;
	query.addEventListener("change", (event) => (systemDark.value = event.matches));
	const before = stored();
	if (isTheme(before)) theme.value = before;
	effect(() => {
		document.documentElement.dataset.theme = dark.value ? "dark" : "light";
	});
}
