// SPDX-License-Identifier: BSD-3-Clause
// Which moment the page shows. Normally the newest; while paused the moment of the pause; under the
// pointer on the traffic chart the moment that it points at. Totals, charts and tables all follow,
// so that they are read at the same instant.

import { computed, signal } from "@preact/signals";

import { ResultHistory, resultAt } from "../logic/resultHistory";
import type { Result, Stats } from "../rpc/types";

const ROWS_KEPT = 200_000;
const STATS_KEPT = 605;

export const pausedMs = signal<number | null>(null);
export const pointedMs = signal<number | null>(null);
// null: the newest.
export const instantMs = computed(() => pointedMs.value ?? pausedMs.value);

export const resultHistory = new ResultHistory(ROWS_KEPT);

export interface StatsAt {
	atMs: number;
	stats: Stats;
}

const statsHistory = signal<readonly StatsAt[]>([]);

export function keepStats(next: StatsAt): void {
	const list = statsHistory.value;
	const last = list[list.length - 1];
	const before = last && last.atMs < next.atMs ? list.slice(1 - STATS_KEPT) : [];
	statsHistory.value = [...before, next];
}

export const shownStats = computed<StatsAt | null>(() => {
	const list = statsHistory.value;
	const instant = instantMs.value;
	if (instant === null) return list[list.length - 1] ?? null;
	return list.findLast((one) => one.atMs <= instant) ?? list[0] ?? null;
});

// The oldest statistics that are at most `ms` older than the newest; null where there is one only.
export function statsAgo(ms: number): Stats | null {
	const list = statsHistory.value;
	const last = list[list.length - 1];
	const found = last && list.find((one) => one.atMs >= last.atMs - ms);
	return found && found !== last ? found.stats : null;
}

// `latest` where nothing is paused or pointed at.
export function resultShown(query: string, latest: Result | null): Result | null {
	const instant = instantMs.value;
	if (instant === null) return latest;
	return resultAt(resultHistory.of(query), instant) ?? latest;
}

export function pause(on: boolean): void {
	pausedMs.value = on ? (shownStats.value?.atMs ?? Date.now()) : null;
}
