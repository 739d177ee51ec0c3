// SPDX-License-Identifier: BSD-3-Clause
// Alerts of limit queries, newest first; nothing while there are none.

import { formatSi, formatZoned } from "../logic/format";
import { alerts } from "../state/panel";
import { texts } from "../texts";

const SHOWN = 5;

export function Alerts() {
	if (alerts.value.length === 0) return null;
	return (
		<section class="card alerts" aria-labelledby="alerts-title">
			<h2 id="alerts-title">{texts.alerts.title}</h2>
			<ul role="log">
				{alerts.value.slice(0, SHOWN).map((alert) => (
					<li key={`${alert.at_us} ${alert.query} ${alert.limit_name} ${alert.key} ${alert.state}`}>
						<time>{formatZoned(alert.at_us)}</time>
						<span class={`chip ${alert.state === "raised" ? "chip-bad" : "chip-good"}`}>
							{texts.alerts[alert.state === "raised" ? "raised" : "cleared"]}
						</span>
						{texts.alerts.one(
							alert.limit_name ?? alert.query,
							alert.key,
							formatSi(alert.value, ""),
							formatSi(alert.limit, ""),
						)}
					</li>
				))}
			</ul>
		</section>
	);
}
