// SPDX-License-Identifier: BSD-3-Clause
// Lcores, workers, tables and dimensions, from the statistics of each second.

import { formatCount, formatMicros, formatShare, formatSi } from "../../logic/format";
import {
	busyBetween,
	type Dimension,
	dimensionsOf,
	type Fill as FillRow,
	fillsOf,
	type Lcore,
	lcoresOf,
	type Worker,
	workersOf,
} from "../../logic/system";
import type { Stats } from "../../rpc/types";
import { statsAgo } from "../../state/instant";
import { systemTexts } from "../../texts/system";
import { type Column, DataTable } from "../DataTable";
import { Fill } from "../Fill";
import { Section } from "../Section";

const BUSY_MS = 10_000;

const count = <T,>(name: string, of: (row: T) => number | undefined): Column<T> => ({
	name,
	number: true,
	sort: of,
	cell: (row) => formatSi(of(row), ""),
	title: (row) => formatCount(of(row)),
});

export function Lcores({ stats }: { stats: Stats }) {
	const { title, columns: c } = systemTexts.lcores;
	const before = statsAgo(BUSY_MS);
	const now = (row: Lcore) => busyBetween(row.lcore, stats, before);
	const columns: Column<Lcore>[] = [
		{ name: c.lcore, sort: (row) => row.lcore, cell: (row) => row.lcore },
		{ name: c.cpu, cell: (row) => row.cpu },
		{ name: c.role, cell: (row) => row.role },
		{
			name: c.now,
			sort: now,
			cell: (row) => <Fill share={now(row)} label={`${c.now}, ${row.role}`} />,
		},
		{ name: c.busy, number: true, sort: (row) => row.busy_share, cell: (row) => formatShare(row.busy_share ?? undefined) },
	];
	return (
		<Section id="lcores" title={title}>
			<DataTable label={title} columns={columns} rows={lcoresOf(stats)} keyOf={(row) => String(row.lcore)} sortParam="lcores" />
		</Section>
	);
}

export function Workers({ stats }: { stats: Stats }) {
	const { title, columns: c } = systemTexts.workers;
	const columns: Column<Worker>[] = [
		{ name: c.worker, cell: (row) => row.worker },
		{ name: c.lcore, cell: (row) => row.lcore },
		count(c.received, (row) => row.received),
		{ name: c.share, number: true, sort: (row) => row.share, cell: (row) => formatShare(row.share) },
		count(c.flows, (row) => row.flows_active),
		count(c.waiting, (row) => row.dispatch_waiting),
		count(c.missed, (row) => row.dispatch_missed),
		{
			name: c.late,
			number: true,
			sort: (row) => row.lateness_us?.p99,
			cell: (row) => formatMicros(row.lateness_us?.p99),
		},
	];
	return (
		<Section id="workers" title={title}>
			<DataTable label={title} columns={columns} rows={workersOf(stats)} keyOf={(row) => String(row.worker)} sortParam="workers" />
		</Section>
	);
}

export function Fills({ stats }: { stats: Stats }) {
	const t = systemTexts.tables;
	const names = t as unknown as Record<string, string>;
	const columns: Column<FillRow>[] = [
		{ name: t.columns.what, cell: (row) => names[row.id] ?? row.id },
		{
			name: t.columns.used,
			number: true,
			cell: (row) => formatSi(row.used, row.unit),
			title: (row) => formatCount(row.used),
		},
		{ name: t.columns.of, number: true, cell: (row) => (row.of === null ? t.unknown : formatSi(row.of, row.unit)) },
		{
			name: t.columns.fill,
			cell: (row) => <Fill share={row.of ? row.used / row.of : null} label={names[row.id] ?? row.id} />,
		},
	];
	return (
		<Section id="fills" title={t.title}>
			<DataTable label={t.title} columns={columns} rows={fillsOf(stats)} keyOf={(row) => row.id} />
		</Section>
	);
}

export function Dimensions({ stats }: { stats: Stats }) {
	const t = systemTexts.dimensions;
	const rows = dimensionsOf(stats);
	const columns: Column<Dimension>[] = [
		{ name: t.columns.key, sort: (row) => row.key, cell: (row) => row.key },
		{ name: t.columns.scope, cell: (row) => row.scope },
		{ name: t.columns.filter, cell: (row) => (row.filter ? <code>{row.filter}</code> : "–") },
		count(t.columns.queries, (row) => row.queries),
		count(t.columns.keys, (row) => row.keys),
		count(t.columns.slices, (row) => row.slices),
		{
			name: t.columns.memory,
			number: true,
			sort: (row) => row.bytes,
			cell: (row) => formatSi(row.bytes, "B"),
		},
	];
	if (rows.some((row) => row.budget !== undefined)) columns.push(count(t.columns.budget, (row) => row.budget));
	if (rows.some((row) => row.exact !== undefined)) {
		columns.push({ name: t.columns.exact, cell: (row) => (row.exact === false ? t.estimated : t.exact) });
	}
	return (
		<Section id="dimensions" title={t.title} note={t.note}>
			{rows.length === 0 ? (
				<div class="empty">{t.none}</div>
			) : (
				<DataTable
					label={t.title}
					columns={columns}
					rows={rows}
					keyOf={(row) => [row.key, row.scope, row.filter].join(" ")}
					sortParam="dimensions"
				/>
			)}
		</Section>
	);
}
