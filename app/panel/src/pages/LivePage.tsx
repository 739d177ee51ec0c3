// SPDX-License-Identifier: BSD-3-Clause
import { Alerts } from "../components/Alerts";
import { LedgerStrip } from "../components/LedgerStrip";
import { Results } from "../components/Results";
import { Traffic } from "../components/Traffic";

export default function LivePage() {
	return (
		<div class="page" data-page="live">
			<LedgerStrip />
			<Traffic />
			<Alerts />
			<Results />
		</div>
	);
}
