// SPDX-License-Identifier: BSD-3-Clause
// What the page History says.

import { formatAge, formatCount } from "../logic/format";

export const historyTexts = {
	daily: {
		title: "Daily totals",
		from: "From (UTC day)",
		to: "To (UTC day)",
		host: "Host",
		hostHint: "an address; empty: all",
		badDay: "a day such as 2026-11-27",
		order: "the last day is before the first",
		chartLabel: "Bytes in and out by day and host; the sums are in the table",
		about: (hosts: number, days: number) =>
			`${formatCount(hosts)} ${hosts === 1 ? "host" : "hosts"}, ${formatCount(days)} ${days === 1 ? "day" : "days"}`,
		inWord: "in",
		outWord: "out",
		rest: "all others",
		tableLabel: "Sums over these days",
		columns: { host: "Host", inBytes: "Bytes in", inPackets: "Packets in", outBytes: "Bytes out", outPackets: "Packets out" },
		moreRows: (n: number) => `${formatCount(n)} more hosts are in the exported file.`,
		tooMany: (n: number) => `Only the first ${formatCount(n)} totals are shown. Choose fewer days, or one host.`,
		none: "No totals of these days.",
		noneHelp:
			"Weir keeps them for the hosts of local_networks, where it has a store, and writes them each minute. Choose other days, or set local_networks (System, Configuration).",
	},
	series: {
		title: "A key over time",
		query: "Query",
		key: "Key",
		keyHint: "as in its rows",
		range: "Time",
		views: { line: "Line", heat: "By hour" },
		viewLabel: "Picture",
		chartLabel: "The key over time; the same values are in the exported file",
		heatLabel: "The key by day and hour",
		about: (results: number, stepS: number) =>
			`${formatCount(results)} results, in steps of ${formatAge(stepS)}`,
		band: "least to most",
		mean: "mean",
		none: "No results of this query are stored in this time.",
		noneHelp: "Results are stored while the query is at work and Weir has a store (System says so). Choose a longer time.",
		notListed: "This key is not among the rows of any result in this time.",
		notListedHelp: "It had too little for a row, or nothing. Choose another key, or a query with more rows.",
		noKey: "Which key?",
		noKeyHelp: "Take one of the rows of this query: the field suggests those of its newest result.",
		gaps: "Gaps: results were there, the key was not among their rows.",
	},
	csv: "CSV",
	json: "JSON",
	exportLabel: "Save as",
	show: "Show",
	asking: "Asking…",
	source: { local: "from the local store", mongodb: "from the local store and MongoDB" } as Record<string, string>,
	partial: (missing: string) => `A part is missing. ${missing}`,
} as const;
