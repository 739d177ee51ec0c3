// SPDX-License-Identifier: BSD-3-Clause
// One card for each query at work; the built-in ones in a fixed order, so that protocols and addresses
// stand in rows.

import { processor, queries } from "../state/panel";
import { texts } from "../texts";
import { ResultCard } from "./ResultCard";

const ORDER = [
	"protocol-topk",
	"protocol-share",
	"protocol-outlier",
	"ip-topk",
	"ip-share",
	"ip-outlier",
];

function place(name: string): number {
	const index = ORDER.indexOf(name);
	return index < 0 ? ORDER.length : index;
}

export function Results() {
	const list = queries.value;
	const atWork = list?.filter((query) => !query.paused);
	const sorted = atWork?.sort((a, b) => place(a.name) - place(b.name));
	return (
		<section aria-labelledby="results-title">
			<h2 id="results-title" class="hidden">
				{texts.results.title}
			</h2>
			{sorted?.length === 0 && (
				<div class="card empty">
					<strong>{texts.results.none}</strong>
					<span>{texts.results.noneHelp}</span>
				</div>
			)}
			<div class="results">
				{sorted?.map((query) => (
					<ResultCard key={query.name} query={query} running={processor.value?.running !== false} />
				))}
			</div>
		</section>
	);
}
