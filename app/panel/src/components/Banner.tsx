// SPDX-License-Identifier: BSD-3-Clause
// What is wrong between the panel and Weir, over the page: lost connection, silence, lost updates.

import { ageSeconds, connection, lostNotifications, retryNow, stale } from "../state/panel";
import { texts } from "../texts";

export function Banner() {
	const t = texts.connection;
	const age = ageSeconds.value;
	if (connection.value === "waiting" || (connection.value === "connecting" && age !== null)) {
		return (
			<div class="banner banner-bad" role="status">
				<span>{t.lost(age)}</span>
				<button class="button" onClick={retryNow}>
					{t.retry}
				</button>
			</div>
		);
	}
	if (connection.value === "open" && stale.value && age !== null) {
		return (
			<div class="banner banner-bad" role="status">
				{t.silent(age)}
			</div>
		);
	}
	if (lostNotifications.value > 0) {
		return (
			<div class="banner" role="status">
				<span>{t.dropped(lostNotifications.value)}</span>
				<button class="button" onClick={() => (lostNotifications.value = 0)}>
					{t.dismiss}
				</button>
			</div>
		);
	}
	return null;
}
