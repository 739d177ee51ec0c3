// SPDX-License-Identifier: BSD-3-Clause
import { Alerts } from "../components/Alerts";
import { GeneratorForm } from "../components/GeneratorForm";
import { LedgerStrip } from "../components/LedgerStrip";
import { ProcessorForm } from "../components/ProcessorForm";
import { Results } from "../components/Results";
import { Traffic } from "../components/Traffic";

export function LivePage() {
	return (
		<div class="live">
			<LedgerStrip />
			<div class="live-columns">
				<div class="live-main">
					<Traffic />
					<Alerts />
					<Results />
				</div>
				<aside class="live-side">
					<ProcessorForm />
					<GeneratorForm />
				</aside>
			</div>
		</div>
	);
}
