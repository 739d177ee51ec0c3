// SPDX-License-Identifier: BSD-3-Clause
// Alerts of limits and of queries: those from before the page was opened, and new ones as they come.

import { useEffect } from "preact/hooks";

import { alertId } from "../../logic/alerts";
import { formatCount, formatMoment, formatSi, formatUtc } from "../../logic/format";
import type { Alert } from "../../rpc/types";
import { alertName, alerts, alertsAnswer, alertUnit, refreshAlerts } from "../../state/alerts";
import { clockMs, connection } from "../../state/panel";
import { alertTexts as t } from "../../texts/limits";
import { AlertState } from "../Alerts";
import { type Column, DataTable } from "../DataTable";
import { Section } from "../Section";

const { columns: c } = t;
const number = (value: number, alert: Alert) => formatSi(value, alertUnit(alert));

const columns: readonly Column<Alert>[] = [
	{ name: c.at, cell: (a) => formatMoment(a.at_us, clockMs.value * 1000), title: (a) => formatUtc(a.at_us), sort: (a) => a.at_us },
	{ name: c.state, cell: (a) => <AlertState alert={a} />, sort: (a) => a.state },
	{ name: c.name, cell: (a) => <code>{alertName(a)}</code>, sort: alertName },
	{ name: c.key, cell: (a) => (a.name ? `${a.key} (${a.name})` : a.key), sort: (a) => a.key },
	{ name: c.value, number: true, cell: (a) => number(a.value, a), title: (a) => formatCount(a.value), sort: (a) => a.value },
	{ name: c.bound, number: true, cell: (a) => number(a.limit, a), title: (a) => formatCount(a.limit), sort: (a) => a.limit },
];

// What is not in the list, and why.
function Rest() {
	const answer = alertsAnswer.value;
	if (!answer) return null;
	const lines = [
		answer.more ? t.more : "",
		answer.dropped ? t.dropped(formatCount(answer.dropped)) : "",
		answer.source === "memory" ? (answer.fault ? t.fault(answer.fault) : t.memory) : "",
	].filter(Boolean);
	return lines.length > 0 ? (
		<p class="note" data-testid="alerts-rest">
			{lines.join(" ")}
		</p>
	) : null;
}

export function AlertList() {
	// What the store or memory says of the rest may have changed since; a new connection asks by itself.
	useEffect(() => {
		if (connection.value === "open") void refreshAlerts();
	}, []);
	return (
		<Section id="all-alerts" title={t.title} note={t.note}>
			{alerts.value.length > 0 ? (
				<DataTable label={t.title} columns={columns} rows={alerts.value} keyOf={alertId} sortParam="alerts" />
			) : (
				<div class="empty">{t.none}</div>
			)}
			<Rest />
		</Section>
	);
}
