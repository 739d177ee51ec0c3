// SPDX-License-Identifier: BSD-3-Clause
// The last results of each query, for the trend of a key and for looking back. What is kept is
// bounded in rows over all queries, so that many large results shorten it and nothing else.

import type { Result } from "../rpc/types";

const DEEPEST = 600;
const SHALLOWEST = 2;

// Among results in the order of time, the newest whose window ended by `ms`.
export function resultAt(list: readonly Result[], ms: number): Result | null {
	for (let i = list.length - 1; i >= 0; i--) {
		const result = list[i];
		if (result && result.window.end_us / 1000 <= ms) return result;
	}
	return null;
}

export class ResultHistory {
	private readonly lists = new Map<string, Result[]>();

	constructor(private readonly rowsKept: number) {}

	of(query: string): readonly Result[] {
		return this.lists.get(query) ?? [];
	}

	forget(query: string): void {
		this.lists.delete(query);
	}

	push(result: Result): void {
		const list = this.lists.get(result.query) ?? [];
		const last = list[list.length - 1];
		// A clock that was set back, or a query that was changed: what was is not comparable.
		const follows = !last || (last.window.end_us < result.window.end_us && sameShape(last, result));
		const kept = follows ? list : [];
		if (last && last.window.end_us === result.window.end_us) kept.pop();
		kept.push(result);
		kept.splice(0, kept.length - this.depth(result.rows.length));
		this.lists.set(result.query, kept);
	}

	private depth(rows: number): number {
		const each = this.rowsKept / Math.max(1, this.lists.size) / Math.max(1, rows);
		return Math.max(SHALLOWEST, Math.min(DEEPEST, Math.floor(each)));
	}
}

function sameShape(a: Result, b: Result): boolean {
	return a.key === b.key && a.metric === b.metric && a.op.type === b.op.type;
}

// The ranks, from 1, in the newest result whose window ended before that of `now` began: two
// windows that share no packet. null where none is kept.
export function ranksBefore(list: readonly Result[], now: Result): Map<string, number> | null {
	const before = resultAt(list, now.window.start_us / 1000);
	return before && new Map(before.rows.map((row, index) => [row.key, index + 1]));
}

// The last `points` values of each key up to `now`, null where the key had no row.
export function trendsOf(
	list: readonly Result[],
	now: Result,
	keys: readonly string[],
	points: number,
): (number | null)[][] {
	const until = list.filter((result) => result.window.end_us <= now.window.end_us).slice(-points);
	const values = until.map((result) => new Map(result.rows.map((row) => [row.key, row.value])));
	return keys.map((key) => values.map((of) => of.get(key) ?? null));
}
