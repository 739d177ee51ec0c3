// SPDX-License-Identifier: BSD-3-Clause
// The newest alerts. What comes by notification is put before the list of alerts.list, which is asked for
// after each subscription and after each loss: so there are no gaps, and none is there twice.

import { signal } from "@preact/signals";

import { type AlertsAnswer, ALERTS_KEPT, mergeAlerts } from "../logic/alerts";
import { metricUnit } from "../logic/format";
import type { Alert } from "../rpc/types";
import { call, queries } from "./panel";

export const alerts = signal<readonly Alert[]>([]);
export const alertsAnswer = signal<Omit<AlertsAnswer, "alerts"> | null>(null);

export function takeAlert(alert: Alert): void {
	alerts.value = mergeAlerts([alert], alerts.value);
}

// A Weir without alerts.list leaves what was heard.
export async function refreshAlerts(): Promise<void> {
	try {
		const { alerts: list, ...rest } = await call<AlertsAnswer>("alerts.list", { limit: ALERTS_KEPT });
		if (!Array.isArray(list)) return;
		alerts.value = mergeAlerts(alerts.value, list);
		alertsAnswer.value = rest;
	} catch {
		// Asked again with the next subscription.
	}
}

export function forgetAlerts(): void {
	alerts.value = [];
	alertsAnswer.value = null;
}

export const alertName = (alert: Alert): string => alert.limit_name ?? alert.query;

export function alertUnit(alert: Alert): string {
	if (alert.limit_name !== undefined) return "B";
	const query = queries.value?.find(({ name }) => name === alert.query);
	return query ? metricUnit(query.metric ?? "bytes") : "";
}
