// SPDX-License-Identifier: BSD-3-Clause
// What the page Explore says.

import { formatAge, formatCount } from "../logic/format";

export const exploreTexts = {
	title: "Explore",
	source: {
		label: "From",
		now: "Retained in memory",
		history: "Stored results",
	},
	query: "Stored query",
	range: { label: "Time", hint: "" },
	seconds: (s: number) => (s < 60 ? `${s} s` : s < 3600 ? `${s / 60} min` : `${s / 3600} h`),
	days: (n: number) => (n === 1 ? "1 day" : `${n} days`),
	views: { stack: "Stacked", lines: "Lines", bars: "Bars", sankey: "Pairs", heat: "Heat map" },
	viewLabel: "Picture",
	ask: "Ask again",
	asking: "Asking…",
	makeQuery: "Make it a query",
	csv: "CSV",
	json: "JSON",
	png: "PNG",
	exportLabel: "Save as",
	other: "all others",
	empty: "No traffic of this kind in this time.",
	emptyHelp: "Choose a longer time, another scope, or no filter.",
	noHistory: "Nothing is stored of this query in this time.",
	noHistoryHelp: "Results are stored while the query is at work and Weir has a store (System says so). Choose a longer time.",
	noQueries: "There is no query whose results could be stored.",
	refusedHelp: "Only what a query looks at is retained. Make it a query, and ask again after a moment.",
	noPairs: "Pairs are drawn for a key with two ends.",
	noPairsHelp: "Choose the key “Pair”.",
	oneSlot: "So many keys are counted that the time is shown as one sum, not over time.",
	about: (slots: number, seconds: number, keys: number) =>
		`${formatCount(slots)} × ${formatAge(seconds)}, ${formatCount(keys)} keys seen`,
	samples: (windows: number, seconds: number) =>
		`${formatCount(windows)} windows of ${formatAge(seconds)}, spread over the time`,
	inexact: "estimated",
	columns: { key: "Key", min: "Min", max: "Max", mean: "Mean", last: "Last", p95: "95 %" },
	tableTitle: "Over the time shown",
	chartLabel: (view: string) => `${view}; the same values are in the table`,
	heatLabel: "Colour: less to more",
} as const;
