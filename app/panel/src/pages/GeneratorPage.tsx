// SPDX-License-Identifier: BSD-3-Clause
import { GeneratorForm } from "../components/GeneratorForm";

export default function GeneratorPage() {
	return (
		<div class="page page-narrow" data-page="generator">
			<GeneratorForm />
		</div>
	);
}
