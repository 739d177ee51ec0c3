// SPDX-License-Identifier: BSD-3-Clause
// The rows of the limits table; those of its file are changed there.

import { type Limit, limitId } from "../../logic/limitDraft";
import { goTo } from "../../state/location";
import { forbidden } from "../../state/session";
import { limitTexts as t } from "../../texts/limits";
import { ConfirmButton } from "../ConfirmButton";
import { type Column, DataTable } from "../DataTable";

interface Props {
	limits: readonly Limit[];
	remove: (limit: Limit) => void;
}

function Actions({ limit, remove }: { limit: Limit; remove: () => void }) {
	const id = limitId(limit);
	if (limit.origin === "file") return <span class="muted">{t.ofFile}</span>;
	return (
		<span class="actions">
			<button type="button" class="button" aria-label={`${t.change} ${id}`} onClick={() => goTo("limits", { edit: id })}>
				{t.change}
			</button>
			<ConfirmButton label={t.remove} question={t.reallyRemove} keep={t.keep} name={id}
				reason={forbidden("limits.remove")} onConfirm={remove} />
		</span>
	);
}

// Dates are the beginnings of days in UTC mostly.
function dateText(date: string | undefined): string {
	return date === undefined ? t.always : date.replace(/T00:00:00(\.0+)?Z$/, " UTC");
}

function State({ limit }: { limit: Limit }) {
	const state = limit.state ?? "holds";
	const tone = state === "holds" ? "good" : state === "waits" ? "warn" : "idle";
	return <span class={`chip chip-${tone}`}>{t.states[state] ?? state}</span>;
}

export function LimitList({ limits, remove }: Props) {
	const { columns: c } = t;
	const columns: Column<Limit>[] = [
		{ name: c.name, sort: (limit) => limit.limit_name, cell: (limit) => <code>{limit.limit_name}</code> },
		{ name: c.source, sort: (limit) => limit.source, cell: (limit) => limit.source ?? t.any },
		{ name: c.destination, sort: (limit) => limit.destination, cell: (limit) => limit.destination ?? t.any },
		{
			name: c.bounds,
			cell: (limit) => t.bounds(limit.min_bytes, limit.max_bytes),
			title: (limit) => `${limit.min_bytes ?? ""} – ${limit.max_bytes ?? ""}`,
		},
		{ name: c.window, sort: (limit) => limit.window_s ?? 300, cell: (limit) => `${limit.window_s ?? 300} s` },
		{ name: c.from, cell: (limit) => dateText(limit.effective_date), title: (limit) => limit.effective_date ?? "" },
		{ name: c.state, sort: (limit) => limit.state, cell: (limit) => <State limit={limit} /> },
		{ name: c.actions, cell: (limit) => <Actions limit={limit} remove={() => remove(limit)} /> },
	];
	return <DataTable label={t.title} columns={columns} rows={limits} keyOf={limitId} sortParam="by" />;
}
