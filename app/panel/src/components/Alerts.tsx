// SPDX-License-Identifier: BSD-3-Clause
// The newest alerts, on Live; nothing while there are none. All of them are on the page Limits.

import { alertId } from "../logic/alerts";
import { formatMoment, formatSi } from "../logic/format";
import type { Alert } from "../rpc/types";
import { alertName, alerts, alertUnit } from "../state/alerts";
import { can } from "../state/features";
import { clockMs } from "../state/panel";
import { texts } from "../texts";

const SHOWN = 5;

export function AlertState({ alert }: { alert: Alert }) {
	const raised = alert.state === "raised";
	return (
		<span class={`chip ${raised ? "chip-bad" : "chip-good"}`}>
			{texts.alerts[raised ? "raised" : "cleared"]}
		</span>
	);
}

export function Alerts() {
	if (alerts.value.length === 0) return null;
	return (
		<section class="card alerts" aria-labelledby="alerts-title">
			<div class="card-head">
				<h2 id="alerts-title">{texts.alerts.title}</h2>
				{can("limits.list") && <a class="link" href="#/limits">{texts.alerts.all}</a>}
			</div>
			<div role="log">
				<ul>
					{alerts.value.slice(0, SHOWN).map((alert) => (
						<li key={alertId(alert)}>
							<time>{formatMoment(alert.at_us, clockMs.value * 1000)}</time>
							<AlertState alert={alert} />
							<span>
								{texts.alerts.one(
									alertName(alert),
									alert.key,
									formatSi(alert.value, alertUnit(alert)),
									formatSi(alert.limit, alertUnit(alert)),
								)}
							</span>
						</li>
					))}
				</ul>
			</div>
		</section>
	);
}
