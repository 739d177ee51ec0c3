// SPDX-License-Identifier: BSD-3-Clause
// Alerts come in two ways: as they happen, and as the list of what was before. The same alert is the
// same text in both.

import type { Alert } from "../rpc/types";

export const ALERTS_KEPT = 100;

export interface AlertsAnswer {
	alerts: Alert[];
	more: boolean;
	source: string; // "local" (the store) or "memory"
	dropped?: number; // with "memory": that gave way to newer ones
	fault?: string | null; // with "memory": the store's
}

// Each alert's text is made once: hundreds may come in a second, and each is held against all others.
const ids = new WeakMap<Alert, string>();

export function alertId(alert: Alert): string {
	const known = ids.get(alert);
	if (known !== undefined) return known;
	const id = JSON.stringify(alert);
	ids.set(alert, id);
	return id;
}

// Each once, newest first. Those that are only in `newer` came after `older` was made, or are older than
// all of it.
export function mergeAlerts(newer: readonly Alert[], older: readonly Alert[]): readonly Alert[] {
	const known = new Set(older.map(alertId));
	const all = [...newer.filter((alert) => !known.has(alertId(alert))), ...older];
	return all.sort((a, b) => b.at_us - a.at_us).slice(0, ALERTS_KEPT);
}
