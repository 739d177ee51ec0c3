// SPDX-License-Identifier: BSD-3-Clause
// What the page System takes from stats.get. Members may be missing with another version.

import type { Stats } from "../rpc/types";

export interface Lcore {
	lcore: number;
	cpu: number;
	role: string;
	busy_share: number | null;
}

export interface Worker {
	worker: number;
	lcore: number;
	received: number;
	share: number;
	flows_active: number;
	dispatch_waiting?: number;
	dispatch_missed?: number;
	lateness_us?: { p99: number };
}

export interface Dimension {
	key: string;
	scope: string;
	filter?: string;
	queries: number;
	keys: number;
	slices: number;
	bytes: number;
	budget?: number;
	exact?: boolean;
	[member: string]: unknown;
}

export interface Fill {
	id: string;
	used: number;
	of: number | null; // null: no bound
	unit: string;
}

function listIn<T>(of: unknown, member: string): readonly T[] {
	const list = (of as Record<string, unknown> | null | undefined)?.[member];
	return Array.isArray(list) ? (list as T[]) : [];
}

function numberIn(of: unknown, member: string): number | null {
	const value = (of as Record<string, unknown> | null | undefined)?.[member];
	return typeof value === "number" ? value : null;
}

export const lcoresOf = (stats: Stats) => listIn<Lcore>(stats, "lcores");

// An lcore's busy share between two statistics, of which each has that since the start.
export function busyBetween(lcore: number, now: Stats, before: Stats | null): number | null {
	const [to, from] = [now, before].map((stats) => {
		const share = stats && lcoresOf(stats).find((one) => one.lcore === lcore)?.busy_share;
		const uptime = numberIn(stats, "uptime_s");
		return typeof share === "number" && uptime !== null ? { busy: share * uptime, uptime } : null;
	});
	if (!to || !from || to.uptime <= from.uptime) return null;
	return Math.min(1, Math.max(0, (to.busy - from.busy) / (to.uptime - from.uptime)));
}

export const workersOf = (stats: Stats) => listIn<Worker>(stats, "workers");
export const dimensionsOf = (stats: Stats) => listIn<Dimension>(stats.queries, "dimensions");

// Tables and memory with their bounds, and what was lost where there was none left.
export function fillsOf(stats: Stats): Fill[] {
	const { flows, memory, queries, ledger } = stats;
	const rows: [id: string, used: number | null, of: number | null, unit: string][] = [
		["flows", numberIn(flows, "active"), numberIn(flows, "capacity"), ""],
		["tables", numberIn(memory, "tables_bytes"), numberIn(memory, "announced_bytes"), "B"],
		["resident", numberIn(memory, "resident_bytes"), null, "B"],
		["queries", numberIn(queries, "bytes"), null, "B"],
		["slices", numberIn(queries, "slices"), null, ""],
		["detailLost", ledger.detail_lost?.packets ?? null, null, ""],
		["lost", numberIn(flows, "records_lost"), null, ""],
		["resultsLost", numberIn(queries, "results_lost"), null, ""],
	];
	return rows.flatMap(([id, used, of, unit]) => (used === null ? [] : [{ id, used, of, unit }]));
}
