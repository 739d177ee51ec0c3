// SPDX-License-Identifier: BSD-3-Clause
// A calibration, as the page needs it.

import type { CalibratedEvent, CalibratedQuery, Calibration } from "../rpc/types";

export function goesOn(c: Calibration | null): boolean {
	return c !== null && ["settling", "running", "draining"].includes(c.state);
}

// The larger of the two: a row's error, or that of the total it is a part of.
export function countError(q: CalibratedQuery): number {
	return Math.max(q.count_error, q.total_error);
}

export function queryIsExact(q: CalibratedQuery): boolean {
	return (
		q.windows_missing === 0 &&
		q.precision === 1 &&
		q.recall === 1 &&
		countError(q) === 0 &&
		q.rank_errors === 0
	);
}

// 0.99996 must not look like 1.
export function formatRatio(ratio: number): string {
	const text = ratio.toFixed(4);
	return text === "1.0000" && ratio < 1 ? "0.9999" : text;
}

export function eventId(e: CalibratedEvent): string {
	return `${e.type} ${e.key} ${e.at_s}`;
}
