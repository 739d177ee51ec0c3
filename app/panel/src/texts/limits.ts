// SPDX-License-Identifier: BSD-3-Clause
// What the page Limits says.

import { formatCount, formatSi } from "../logic/format";

export const limitTexts = {
	title: "Limits",
	note: "How many bytes may go from a source to a destination within a window. Of the rows with one name, the one with the newest date that is not in the future is in force.",
	add: "Add a limit",
	none: "There are no limits.",
	noneHelp: "Add one here, or name a file of limits in the configuration (limits.file).",
	file: (name: string) => `File: ${name}`,
	columns: {
		name: "Name", source: "Source", destination: "Destination", bounds: "Bytes", window: "Window",
		from: "From", state: "State", actions: "Actions",
	},
	any: "any",
	always: "always",
	bounds: (min: number | undefined, max: number | undefined) =>
		[min === undefined ? "" : `at least ${formatSi(min, "B")}`, max === undefined ? "" : `at most ${formatSi(max, "B")}`]
			.filter(Boolean)
			.join(", "),
	states: { holds: "in force", waits: "waits for its date", past: "past" } as Record<string, string>,
	ofFile: "of the file",
	change: "Change",
	remove: "Remove",
	reallyRemove: "Really remove?",
	keep: "Keep",

	form: {
		new: "New limit",
		change: (name: string) => `Change ${name}`,
		missing: (name: string) => `There is no limit “${name}” any more.`,
		apply: "Set",
		cancel: "Close",
		dryRun: "Dry run",
		dryTitle: "What it would have done",
		dryWindows: (windows: number, from: string, to: string) =>
			`${formatCount(windows)} windows from ${from} to ${to}`,
		dryNone: "No alert would have been raised.",
		dryMore: (more: number) => `and ${formatCount(more)} more`,
		inexact: "estimated",
		raised: "raised",
		cleared: "cleared",
		alert: (key: string, value: string, limit: string) => `${key} at ${value}, limit ${limit}`,
	},

	fields: {
		limit_name: { label: "Name", hint: "Letters, digits, - _ ." },
		source: { label: "Source", hint: "An address or a prefix. May be empty." },
		destination: { label: "Destination", hint: "At least one of the two." },
		min_bytes: { label: "At least, bytes", hint: "Fewer is an alert. May be empty." },
		max_bytes: { label: "At most, bytes", hint: "More is an alert. May be empty." },
		window_s: { label: "Window", hint: "Whole seconds, up to a day." },
		effective_date: { label: "From the date", hint: "2026-11-26, or with a time as in RFC 3339. Empty is always." },
		clear_after: { label: "Clear after", hint: "Windows inside again." },
	},
} as const;

export const alertTexts = {
	title: "Alerts",
	note: "The newest 100 of all limits and queries, also from before this page was opened.",
	none: "There were no alerts.",
	columns: { at: "Time", state: "State", name: "Limit or query", key: "Key", value: "Value", bound: "Bound" },
	more: "There are older ones: show alerts N in the console, or alerts.list.",
	dropped: (count: string) => `${count} older ones are no longer in memory.`,
	memory: "Without a store, they are kept in memory for as long as Weir runs.",
	fault: (fault: string) => `From memory, as the store does not answer: ${fault}`,
} as const;
