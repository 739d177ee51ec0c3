// SPDX-License-Identifier: BSD-3-Clause
// Packets and bits per second over time: two charts over one time axis, read at the same instant.

import { formatSi, formatTime, formatZoned } from "../logic/format";
import type { Sample } from "../logic/history";
import { texts } from "../texts";
import type { ChartOption } from "./echarts";
import { type Palette, tooltipStyle } from "./palette";

const LEFT = 74;
const RIGHT = 14;
const NARROW = 560;

type Point = [number, number | null];

function valueAxis(index: number, unit: string, p: Palette): Record<string, unknown> {
	return {
		gridIndex: index,
		type: "value",
		min: 0,
		splitNumber: 3,
		axisLabel: {
			color: p.muted,
			fontSize: 11,
			formatter: (n: number) => (n === 0 ? "0" : formatSi(n, unit)),
		},
		splitLine: { lineStyle: { color: p.line } },
		axisPointer: { show: false },
	};
}

function timeAxis(index: number, from: number, to: number, p: Palette): Record<string, unknown> {
	return {
		gridIndex: index,
		type: "time",
		min: from,
		max: to,
		axisLine: { lineStyle: { color: p.line } },
		axisTick: { show: false },
		splitLine: { show: false },
		axisLabel: {
			show: true,
			color: p.muted,
			fontSize: 11,
			hideOverlap: true,
			formatter: (ms: number) => formatTime(ms * 1000).slice(0, to - from > 90_000 ? 5 : 8),
		},
	};
}

// What goes out is dashed, what comes in is filled.
function line(
	index: number,
	direction: "in" | "out",
	data: Point[],
	colour: string,
): Record<string, unknown> {
	const out = direction === "out";
	return {
		id: `${index} ${direction}`,
		name: texts.traffic[direction],
		type: "line",
		xAxisIndex: index,
		yAxisIndex: index,
		data,
		showSymbol: false,
		connectNulls: false,
		lineStyle: { color: colour, width: 1.5, type: out ? "dashed" : "solid" },
		itemStyle: { color: colour },
		areaStyle: out ? undefined : { color: colour, opacity: 0.1 },
		emphasis: { disabled: true },
	};
}

export function trafficOption(
	samples: readonly Sample[],
	nowMs: number,
	minutes: number,
	width: number,
	p: Palette,
): ChartOption {
	const from = nowMs - minutes * 60_000;
	const seen = samples.filter((s) => s.atMs >= from);
	// Side by side where there is room, one above the other on a phone.
	const grids =
		width < NARROW
			? [
					{ left: LEFT, right: RIGHT, top: 26, height: 96 },
					{ left: LEFT, right: RIGHT, top: 180, height: 96 },
				]
			: [
					{ left: LEFT, width: width / 2 - LEFT - RIGHT, top: 26, bottom: 24 },
					{ left: width / 2 + LEFT, right: RIGHT, top: 26, bottom: 24 },
				];
	return {
		animation: false,
		textStyle: { fontFamily: p.font },
		grid: grids,
		axisPointer: {
			link: [{ xAxisIndex: "all" }],
			lineStyle: { color: p.muted, width: 1, type: "solid" },
		},
		tooltip: { ...tooltipStyle(p), trigger: "axis", formatter: tip },
		xAxis: [timeAxis(0, from, nowMs, p), timeAxis(1, from, nowMs, p)],
		yAxis: [valueAxis(0, "pps", p), valueAxis(1, "bit/s", p)],
		series: [
			line(0, "in", seen.map((s): Point => [s.atMs, s.pps]), p.packets),
			line(0, "out", seen.map((s): Point => [s.atMs, s.outPps]), p.packets),
			line(1, "in", seen.map((s): Point => [s.atMs, s.bps]), p.bits),
			line(1, "out", seen.map((s): Point => [s.atMs, s.outBps]), p.bits),
		],
	};
}

function tip(points: { value: Point; seriesIndex: number; seriesName: string }[]): string {
	const first = points[0];
	if (!first) return "";
	const lines = points.map(({ value, seriesIndex, seriesName }) => {
		const text = formatSi(value[1] ?? undefined, seriesIndex < 2 ? "pps" : "bit/s");
		return `${text} ${seriesName}`;
	});
	return [formatZoned(first.value[0] * 1000), ...lines].join("<br>");
}

export function trafficHeight(width: number): number {
	return width < NARROW ? 306 : 190;
}
