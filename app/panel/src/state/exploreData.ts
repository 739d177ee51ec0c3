// SPDX-License-Identifier: BSD-3-Clause
// Asks for what Explore shows.

import { type Choice, keysCounted, slotsFor, stretches } from "../logic/explore";
import { fromPreviews, fromSamples, isAdditive, type Series } from "../logic/series";
import { dimensionsOf } from "../logic/system";
import type { Result } from "../rpc/types";
import { call, stats, system } from "./panel";

export interface Explored {
	series: Series | null; // null: there was nothing
	results: readonly Result[];
}

const ROWS = 200;
const TOP = 8;
const TRIES = 4;
const AT_ONCE = 8;

function previewOf(choice: Choice, windowS: number): Promise<Result> {
	return call<Result>("query.preview", {
		key: choice.key,
		metric: choice.metric,
		scope: choice.scope,
		filter: choice.filter === "" ? undefined : choice.filter,
		op: { type: "topk", k: ROWS },
		window_s: windowS,
	});
}

// When this Weir began to measure: before that nothing came because nobody looked. Times of captures
// are other times.
function sinceMs(): number | undefined {
	const at = stats.value?.at_us;
	const uptime = stats.value?.uptime_s;
	if (system.value?.clock !== "wall" || typeof at !== "number" || typeof uptime !== "number") return undefined;
	return at / 1000 - uptime * 1000;
}

async function fromRetained(choice: Choice): Promise<Explored> {
	const paneMs = system.value?.pane_ms;
	const paneS = typeof paneMs === "number" ? paneMs / 1000 : 1;
	const keys = stats.value ? keysCounted(choice, dimensionsOf(stats.value)) : 0;
	// Distinct counts of two windows cannot be subtracted.
	const slots = isAdditive(choice.metric) ? slotsFor(choice.rangeS, keys, paneS) : 1;
	for (let i = 0; i < TRIES; i++) {
		const results = await Promise.all(
			Array.from({ length: slots }, (_, at) => previewOf(choice, (choice.rangeS * (at + 1)) / slots)),
		);
		// A pane may have ended between two answers: then they do not fit together.
		if (results.every(({ window }) => window.end_us === results[0]?.window.end_us)) {
			const any = results.some(({ rows }) => rows.length > 0);
			return { series: any ? fromPreviews(results, TOP, sinceMs()) : null, results };
		}
	}
	const sum = await previewOf(choice, choice.rangeS);
	return { series: sum.rows.length > 0 ? fromPreviews([sum], TOP) : null, results: [sum] };
}

async function fromStore(choice: Choice): Promise<Explored> {
	const parts = stretches(choice.rangeS, Date.now());
	const results: Result[] = [];
	for (let i = 0; i < parts.length; i += AT_ONCE) {
		const lists = await Promise.all(
			parts.slice(i, i + AT_ONCE).map(({ fromUs, toUs }) =>
				call<Result[]>("results.list", { query: choice.query, from_us: fromUs, to_us: toUs, limit: 1 }),
			),
		);
		results.push(...lists.flat());
	}
	// A query that was changed answers another question since: only what is like the newest counts.
	const last = results[results.length - 1];
	const alike = results.filter(({ key, metric }) => key === last?.key && metric === last?.metric);
	const any = alike.some(({ rows }) => rows.length > 0);
	return { series: any ? fromSamples(alike, TOP) : null, results: alike };
}

export function explore(choice: Choice): Promise<Explored> {
	return choice.source === "now" ? fromRetained(choice) : fromStore(choice);
}
