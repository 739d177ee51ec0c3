// SPDX-License-Identifier: BSD-3-Clause
import { useMemo } from "preact/hooks";

import { Chart } from "../charts/Chart";
import { palette } from "../charts/palette";
import { TREND_WIDTH, trendsOption } from "../charts/trends";
import { formatCount, formatShare, formatSi, formatZ, metricUnit } from "../logic/format";
import { ranksBefore, trendsOf } from "../logic/resultHistory";
import { type RankChange, rankChange } from "../logic/rows";
import type { Result, Row } from "../rpc/types";
import { resultHistory } from "../state/instant";
import { texts } from "../texts";
import { isMono } from "./resultBars";
import { RowKey } from "./RowKey";

const { columns, rose, entered, enteredHelp, swap, swapHelp, trendLabel } = texts.results;
const POINTS = 60;
const TRENDS_SHOWN = 20;
const ROW_HEIGHT = 22; // as in results.css

interface Props {
	result: Result;
	label: string;
	title: string;
	// Without history there are no trends: a preview.
	history?: boolean;
	lit?: string | null; // the key under the pointer, in the chart or here
	onLit?: (key: string | null) => void;
}

interface Shape {
	withZ: boolean;
	withError: boolean;
	trend: boolean;
}

function Head({ result, shape }: { result: Result; shape: Shape }) {
	return (
		<thead>
			<tr>
				<th scope="col" class="rank">
					{columns.rank}
				</th>
				<th scope="col">{texts.keyColumn(result.key)}</th>
				{shape.trend && (
					<th scope="col" class="trend">
						{columns.trend}
					</th>
				)}
				<th scope="col" class="number value">
					{columns.value}
				</th>
				<th scope="col" class="number">
					{columns.share}
				</th>
				{shape.withZ && (
					<th scope="col" class="number">
						{columns.z}
					</th>
				)}
				{shape.withError && (
					<th scope="col" class="number">
						{columns.error}
					</th>
				)}
			</tr>
		</thead>
	);
}

function Change({ change }: { change: RankChange }) {
	if (change.kind === "unknown" || change.kind === "same") return null;
	if (change.kind === "entered") {
		return (
			<span class="change" title={enteredHelp}>
				{entered}
			</span>
		);
	}
	const text = rose(change.from);
	return (
		<span class={`change change-${change.kind}`} title={text}>
			<i aria-hidden="true" />
			<span class="hidden">{text}</span>
		</span>
	);
}

interface LineProps {
	row: Row;
	rank: number;
	result: Result;
	shape: Shape;
	change: RankChange;
	lit: boolean;
	onLit: ((key: string | null) => void) | undefined;
}

function Line({ row, rank, result, shape, change, lit, onLit }: LineProps) {
	const unit = metricUnit(result.metric);
	return (
		<tr
			class={lit ? "lit" : ""}
			data-key={row.key}
			onMouseEnter={() => onLit?.(row.key)}
			onMouseLeave={() => onLit?.(null)}
		>
			<td class="rank">
				<Change change={change} />
				{rank}
				{row.swap && <abbr title={swapHelp}>{swap}</abbr>}
			</td>
			<th scope="row">
				<RowKey row={row} />
			</th>
			{shape.trend && <td class="trend" />}
			<td class="number" title={`${formatCount(row.value)} ${result.metric}`}>
				{formatSi(row.value, unit)}
			</td>
			<td class="number">{formatShare(row.share)}</td>
			{shape.withZ && <td class="number">{formatZ(row.z)}</td>}
			{shape.withError && <td class="number">{formatSi(row.error ?? 0, unit)}</td>}
		</tr>
	);
}

function Trends({ result, title }: { result: Result; title: string }) {
	const colours = palette.value;
	const keys = result.rows.slice(0, TRENDS_SHOWN).map((row) => row.key);
	const option = useMemo(() => {
		const lines = trendsOf(resultHistory.of(result.query), result, keys, POINTS);
		return trendsOption(lines, colours);
	}, [result, colours]);
	if (keys.length === 0) return null;
	return (
		<div class="trends" style={{ height: `${keys.length * ROW_HEIGHT}px`, width: `${TREND_WIDTH}px` }}>
			<Chart option={option} label={trendLabel(title)} shape={keys.length} />
		</div>
	);
}

// The rows as they came; the whole value is in each cell's title. Scrolls in its own box, so that
// the page does not move when rows come and go.
export function ResultTable({ result, label, title, history = true, lit, onLit }: Props) {
	const list = history ? resultHistory.of(result.query) : [];
	const shape = {
		withZ: result.op.type === "outlier",
		withError: !result.exact || result.rows.some((row) => (row.error ?? 0) > 0),
		trend: history,
	};
	const before = useMemo(() => ranksBefore(list, result), [result]);
	const behind = 66 + 52 * (1 + Number(shape.withZ) + Number(shape.withError));
	return (
		<div class="table-box" tabIndex={0} role="region" aria-label={label}>
			<div class="table-inner" style={{ "--behind": `${behind}px` }}>
				<table class={`rows ${isMono(result.key) ? "rows-mono" : ""}`}>
					<Head result={result} shape={shape} />
					<tbody>
						{result.rows.map((row, index) => (
							<Line
								key={row.key}
								row={row}
								rank={index + 1}
								result={result}
								shape={shape}
								change={rankChange(row, index + 1, before)}
								lit={lit === row.key}
								onLit={onLit}
							/>
						))}
					</tbody>
				</table>
				{history && <Trends result={result} title={title} />}
			</div>
		</div>
	);
}
