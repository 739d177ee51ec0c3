// SPDX-License-Identifier: BSD-3-Clause
// What was stored: totals by day and host, and a key of a query over time.

import { DailyTotals } from "../components/history/DailyTotals";
import { KeyOverTime } from "../components/history/KeyOverTime";

export default function HistoryPage() {
	return (
		<div class="page" data-page="history">
			<DailyTotals />
			<KeyOverTime />
		</div>
	);
}
