// SPDX-License-Identifier: BSD-3-Clause
import { Calibration } from "../components/Calibration";
import { GeneratorForm } from "../components/GeneratorForm";
import { can } from "../state/features";
import { generator } from "../state/panel";

export default function GeneratorPage() {
	return (
		<div class="page page-narrow" data-page="generator">
			<GeneratorForm />
			{generator.value.kind === "present" && can("generator.calibrate") && <Calibration />}
		</div>
	);
}
