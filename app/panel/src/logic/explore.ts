// SPDX-License-Identifier: BSD-3-Clause
// What Explore asks, as it stands in the address, and into how many slots it divides the time.

import type { Metric } from "../rpc/types";
import type { Dimension } from "./system";

export const VIEWS = ["stack", "lines", "bars", "heat", "sankey"] as const;
export type View = (typeof VIEWS)[number];

// Seconds; retained panes go back an hour at most.
export const NOW_RANGES = [10, 60, 300, 900, 3600] as const;
export const HISTORY_RANGES = [600, 3600, 21600, 86400, 604800] as const;

const DAY_S = 86400;
const SLOTS = 20;
// Retained slices times keys that all windows together may take: some tenths of a second of the
// merge lcore, which has a second for each pane.
const VISITS = 20e6;

export interface Choice {
	source: "now" | "history";
	query: string; // of history
	key: string;
	metric: Metric;
	scope: string;
	filter: string;
	rangeS: number;
	view: View;
}

type Params = Readonly<Record<string, string>>;

function oneOf<T>(list: readonly T[], value: unknown, otherwise: T): T {
	return list.find((item) => item === value) ?? otherwise;
}

// Of what the address leaves out, `scope` is that of the built-in queries, which are retained.
export function choiceOf(params: Params, scope: string): Choice {
	const source = params.source === "history" ? "history" : "now";
	const ranges: readonly number[] = source === "now" ? NOW_RANGES : HISTORY_RANGES;
	return {
		source,
		query: params.query ?? "ip-topk",
		key: params.key ?? "ip",
		metric: (params.metric ?? "bytes") as Metric,
		scope: params.scope ?? scope,
		filter: params.filter ?? "",
		rangeS: oneOf(ranges, Number(params.range), source === "now" ? 60 : 3600),
		view: oneOf(VIEWS, params.view as View, "stack"),
	};
}

// The keys of the dimension that answers a choice; 0 where it is not known.
export function keysCounted(choice: Choice, dimensions: readonly Dimension[]): number {
	const of = dimensions.find(
		({ key, scope, filter = "" }) =>
			key === choice.key && scope === choice.scope && filter === choice.filter,
	);
	return of?.keys ?? 0;
}

// How many windows of equal steps to ask for, so that a slot is whole panes and the merge lcore is
// not kept from its panes. 1: the sum only.
export function slotsFor(rangeS: number, keys: number, paneS: number): number {
	const affordable = Math.floor((2 * VISITS) / Math.max(1, (keys * rangeS) / paneS)) - 1;
	const most = Math.min(SLOTS, affordable, Math.floor(rangeS / paneS));
	for (let n = most; n > 1; n--) {
		const panes = rangeS / n / paneS;
		if (Math.abs(panes - Math.round(panes)) < 1e-9) return n;
	}
	return 1;
}

// The ends of the stretches, in microseconds, of each of which the newest stored result is asked.
export function stretches(rangeS: number, untilMs: number): { fromUs: number; toUs: number }[] {
	const n = rangeS >= DAY_S ? 96 : 60;
	const stepUs = (rangeS * 1e6) / n;
	const startUs = untilMs * 1000 - rangeS * 1e6;
	return Array.from({ length: n }, (_, i) => ({
		fromUs: Math.round(startUs + i * stepUs),
		toUs: Math.round(startUs + (i + 1) * stepUs),
	}));
}
