// SPDX-License-Identifier: BSD-3-Clause
// Who changed what: the newest records of the audit log, for admins.

import { useState } from "preact/hooks";

import { formatDateTime } from "../../logic/format";
import { usePoll } from "../../state/poll";
import { systemTexts } from "../../texts/system";
import { type Column, DataTable } from "../DataTable";
import { Section } from "../Section";

const t = systemTexts.audit;
const POLL_MS = 5000;
const FIRST = 20;
const MORE = 200;

interface AuditRecord {
	number: number;
	at: string;
	user: string;
	role: string;
	via: string;
	from: string;
	method: string;
	params: unknown;
	ok: boolean;
	error?: { message: string };
}

interface AuditAnswer {
	records: AuditRecord[];
	lost: number;
}

function paramsText({ params }: AuditRecord): string {
	const text = typeof params === "string" ? params : JSON.stringify(params);
	return text === "{}" ? "" : text;
}

const shortened = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

const columns: readonly Column<AuditRecord>[] = [
	{
		name: t.columns.at,
		cell: (r) => formatDateTime(Date.parse(r.at) * 1000),
		title: (r) => r.at,
		sort: (r) => r.number,
	},
	{ name: t.columns.user, sort: (r) => r.user, cell: (r) => r.user || t.nobody, title: (r) => r.role },
	{ name: t.columns.from, cell: (r) => (r.from === "" ? r.via : `${r.from} (${r.via})`) },
	{ name: t.columns.method, sort: (r) => r.method, cell: (r) => <code>{r.method}</code> },
	{ name: t.columns.params, wrap: true, cell: (r) => <code>{shortened(paramsText(r))}</code>, title: paramsText },
	{
		name: t.columns.outcome,
		cell: (r) => (
			<span class={`chip ${r.ok ? "chip-good" : "chip-warn"}`}>{r.ok ? t.done : t.refused}</span>
		),
		title: (r) => r.error?.message ?? "",
	},
];

export function Audit() {
	const [limit, setLimit] = useState(FIRST);
	const { data, error } = usePoll<AuditAnswer>("audit.list", POLL_MS, { limit });
	const records = data?.records ?? [];
	return (
		<Section id="audit" title={t.title} note={t.note}>
			{error !== null && (
				<p class="error" role="alert">
					{error}
				</p>
			)}
			{records.length > 0 && (
				<DataTable label={t.title} columns={columns} rows={records} keyOf={(r) => String(r.number)} sortParam="audit" />
			)}
			{data && records.length === 0 && <div class="empty">{t.none}</div>}
			{data && data.lost > 0 && <p class="error">{t.lost(data.lost)}</p>}
			{records.length === FIRST && limit === FIRST && (
				<button type="button" class="button" onClick={() => setLimit(MORE)}>
					{t.more}
				</button>
			)}
		</Section>
	);
}
