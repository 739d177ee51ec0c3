// SPDX-License-Identifier: BSD-3-Clause
// What each key was over the time: smallest, largest, mean, last, 95th percentile.

import { formatSi } from "../../logic/format";
import { type KeySeries, type Series, type Summary, summaryOf } from "../../logic/series";
import { exploreTexts as t } from "../../texts/explore";
import { type Column, DataTable } from "../DataTable";

type Line = KeySeries & { summary: Summary | null };

export function SeriesTable({ series }: { series: Series }) {
	const number = (name: string, of: (summary: Summary) => number | null): Column<Line> => {
		const value = ({ summary }: Line) => (summary && of(summary)) ?? undefined;
		return {
			name,
			number: true,
			sort: value,
			cell: (line) => formatSi(value(line), series.unit),
			title: (line) => String(value(line) ?? ""),
		};
	};
	const columns: Column<Line>[] = [
		{ name: t.columns.key, sort: ({ key }) => key, cell: ({ key }) => <code>{key}</code> },
		number(t.columns.min, (s) => s.min),
		number(t.columns.max, (s) => s.max),
		number(t.columns.mean, (s) => s.mean),
		number(t.columns.last, (s) => s.last),
		number(t.columns.p95, (s) => s.p95),
	];
	const lines = series.keys.map((one) => ({ ...one, summary: summaryOf(one.values) }));
	return <DataTable label={t.tableTitle} columns={columns} rows={lines} keyOf={({ key }) => key} sortParam="by" />;
}
