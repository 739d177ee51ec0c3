// SPDX-License-Identifier: BSD-3-Clause
// The colours and fonts of the charts: those of the style sheet, read again when the theme changes.

import { computed } from "@preact/signals";

import { dark } from "../state/theme";

export interface Palette {
	text: string;
	muted: string;
	line: string;
	surface: string;
	packets: string;
	bits: string;
	bar: string;
	outlier: string;
	limit: string;
	series: readonly string[]; // of keys side by side
	cold: string; // the ends of the heat map
	hot: string;
	font: string;
	mono: string;
}

// How many keys are told apart by colour; the rest is one grey.
export const SERIES = 8;

export const palette = computed<Palette>(() => {
	void dark.value;
	const style = getComputedStyle(document.documentElement);
	const get = (name: string) => style.getPropertyValue(name).trim();
	return {
		text: get("--text"),
		muted: get("--muted"),
		line: get("--line"),
		surface: get("--raised"),
		packets: get("--chart-1"),
		bits: get("--chart-2"),
		bar: get("--chart-1"),
		outlier: get("--chart-3"),
		limit: get("--chart-3"),
		series: Array.from({ length: SERIES }, (_, i) => get(`--series-${i + 1}`)),
		cold: get("--sunken"),
		hot: get("--chart-1"),
		font: get("--font"),
		mono: get("--mono"),
	};
});

// The tooltip in the page's own look. `confine` keeps it inside the chart's card.
export function tooltipStyle(p: Palette): Record<string, unknown> {
	return {
		confine: true,
		transitionDuration: 0,
		backgroundColor: p.surface,
		borderColor: p.line,
		borderWidth: 1,
		padding: [6, 10],
		textStyle: { color: p.text, fontSize: 12, fontFamily: p.font },
		extraCssText: "box-shadow: var(--shadow-2); border-radius: 6px;",
	};
}
