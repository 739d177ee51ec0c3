// SPDX-License-Identifier: BSD-3-Clause
// The pictures of Explore: stacked, lines, bars, heat map, pairs.

import { formatSi, formatTime } from "../logic/format";
import { endsOf, heatOf, othersOf, type Series, summaryOf } from "../logic/series";
import { exploreTexts as t } from "../texts/explore";
import type { ChartOption } from "./echarts";
import { heatParts } from "./heat";
import { type Palette, tooltipStyle } from "./palette";

import "./echartsExplore";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const PAIRS = 40;

const spanOf = (series: Series) => (series.endsMs[series.endsMs.length - 1] ?? 0) - (series.endsMs[0] ?? 0);

// The label of a slot's end: with the day where the time is longer than one.
function timeLabel(series: Series): (ms: number) => string {
	const span = spanOf(series);
	return (ms) => {
		const time = formatTime(ms * 1000).slice(0, span > 10 * 60_000 ? 5 : 8);
		return span > DAY_MS ? `${new Date(ms).toLocaleDateString("en-CA").slice(5)} ${time}` : time;
	};
}

function hourLabel(ms: number): string {
	return `${new Date(ms).toLocaleDateString("en-CA").slice(5)} ${formatTime(ms * 1000).slice(0, 2)} h`;
}

function frame(series: Series, p: Palette): Record<string, unknown> {
	return {
		animation: false,
		color: [...p.series],
		textStyle: { fontFamily: p.font },
		legend: {
			type: "scroll",
			bottom: 0,
			textStyle: { color: p.text, fontSize: 11.5 },
			pageTextStyle: { color: p.muted },
		},
		tooltip: {
			...tooltipStyle(p),
			trigger: "axis",
			order: "valueDesc",
			valueFormatter: (value: unknown) => (typeof value === "number" ? formatSi(value, series.unit) : "–"),
		},
	};
}

function valueAxis(series: Series, p: Palette): Record<string, unknown> {
	return {
		type: "value",
		min: 0,
		axisLabel: { color: p.muted, fontSize: 11, formatter: (n: number) => formatSi(n, series.unit) },
		splitLine: { lineStyle: { color: p.line } },
	};
}

function overTime(series: Series, p: Palette, stacked: boolean): ChartOption {
	const label = timeLabel(series);
	const others = stacked ? othersOf(series) : null;
	const one = series.endsMs.length === 1;
	const line = (name: string, data: (number | null)[], colour?: string) => ({
		name,
		// A single slot is a bar: a line of one point cannot be seen.
		type: one ? "bar" : "line",
		data,
		showSymbol: false,
		...(stacked ? { stack: "all", areaStyle: { opacity: 0.55 } } : {}),
		lineStyle: { width: stacked ? 0.5 : 1.75 },
		...(colour ? { itemStyle: { color: colour } } : {}),
	});
	return {
		...frame(series, p),
		grid: { left: 84, right: 16, top: 12, bottom: 56 },
		xAxis: {
			type: "category",
			boundaryGap: one,
			data: series.endsMs.map(label),
			axisLabel: { color: p.muted, fontSize: 11, hideOverlap: true },
			axisLine: { lineStyle: { color: p.line } },
		},
		yAxis: valueAxis(series, p),
		series: [
			...series.keys.map(({ key, values }) => line(key, values)),
			...(others ? [line(t.other, others, p.muted)] : []),
		],
	};
}

function bars(series: Series, p: Palette): ChartOption {
	const means = series.keys.map(({ key, values }) => ({ key, mean: summaryOf(values)?.mean ?? 0 }));
	return {
		...frame(series, p),
		legend: { show: false },
		grid: { left: 200, right: 90, top: 8, bottom: 28 },
		xAxis: valueAxis(series, p),
		yAxis: {
			type: "category",
			inverse: true,
			data: means.map(({ key }) => key),
			axisLabel: { color: p.text, fontSize: 11.5, width: 190, overflow: "truncate" },
			axisTick: { show: false },
			axisLine: { lineStyle: { color: p.line } },
		},
		series: [
			{
				type: "bar",
				name: t.columns.mean,
				data: means.map(({ mean }) => mean),
				itemStyle: { color: p.bar },
				label: {
					show: true,
					position: "right",
					color: p.muted,
					formatter: ({ value }: { value: number }) => formatSi(value, series.unit),
				},
			},
		],
	};
}

// By hour where the time is long enough to have some, else by slot.
function heat(series: Series, p: Palette): ChartOption {
	const { columns, cells, max } = heatOf(series, spanOf(series) >= 3 * HOUR_MS ? hourLabel : timeLabel(series));
	const category = (data: string[]) => ({
		type: "category",
		data,
		axisLabel: { color: p.text, fontSize: 11, hideOverlap: true, width: 190, overflow: "truncate" },
		axisTick: { show: false },
		axisLine: { lineStyle: { color: p.line } },
	});
	return {
		...frame(series, p),
		legend: { show: false },
		tooltip: {
			...tooltipStyle(p),
			formatter: ({ value }: { value: [number, number, number] }) =>
				`${columns[value[0]] ?? ""} · ${formatSi(value[2], series.unit)}`,
		},
		xAxis: category(columns),
		yAxis: { ...category(series.keys.map(({ key }) => key)), inverse: true },
		...heatParts(cells, max, series.unit, 200, p),
	};
}

// The two ends stand in columns of their own, so an address that is in both has a node in each.
function sankey(series: Series, p: Palette): ChartOption {
	const links = series.keys.slice(0, PAIRS).flatMap(({ key, values }) => {
		const ends = endsOf(key);
		const value = summaryOf(values)?.mean ?? 0;
		return ends && value > 0 ? [{ source: `${ends[0]} `, target: ` ${ends[1]}`, value }] : [];
	});
	const names = [...new Set(links.flatMap(({ source, target }) => [source, target]))];
	return {
		...frame(series, p),
		legend: { show: false },
		tooltip: {
			...tooltipStyle(p),
			trigger: "item",
			valueFormatter: (value: unknown) => formatSi(Number(value), series.unit),
		},
		series: [
			{
				type: "sankey",
				left: 16,
				right: 180,
				top: 8,
				bottom: 8,
				data: names.map((name) => ({ name })),
				links,
				label: { color: p.text, fontSize: 11.5 },
				lineStyle: { color: "source", opacity: 0.35 },
				emphasis: { focus: "adjacency" },
			},
		],
	};
}

export const pictures = {
	stack: (series: Series, p: Palette) => overTime(series, p, true),
	lines: (series: Series, p: Palette) => overTime(series, p, false),
	bars,
	heat,
	sankey,
} as const;
