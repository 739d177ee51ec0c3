// SPDX-License-Identifier: BSD-3-Clause
// What both halves of History have: empty states, where an answer is from, files to save.

import { download } from "../../logic/download";
import { historyTexts as t } from "../../texts/history";

export function Empty({ what, help }: { what: string; help?: string }) {
	return (
		<div class="empty" data-testid="why-empty">
			<strong>{what}</strong>
			{help && <span>{help}</span>}
		</div>
	);
}

export function Refused({ message }: { message: string }) {
	return (
		<div class="empty" role="alert">
			<strong>{message}</strong>
		</div>
	);
}

export function Source({ source, missing }: { source: string; missing: string | null }) {
	return (
		<>
			<span class="muted" data-testid="source">
				{t.source[source] ?? source}
			</span>
			{missing !== null && <span class="tag tag-warn">{t.partial(missing)}</span>}
		</>
	);
}

interface ExportsProps {
	name: string;
	csv: () => string;
	json: unknown;
}

export function Exports({ name, csv, json }: ExportsProps) {
	return (
		<span class="exports">
			<span class="muted">{t.exportLabel}</span>
			<button type="button" class="button" onClick={() => download(`${name}.csv`, csv(), "text/csv")}>
				{t.csv}
			</button>
			<button
				type="button"
				class="button"
				onClick={() => download(`${name}.json`, JSON.stringify(json, null, 1), "application/json")}
			>
				{t.json}
			</button>
		</span>
	);
}
