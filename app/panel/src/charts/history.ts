// SPDX-License-Identifier: BSD-3-Clause
// The pictures of History: bytes in (up) and out (down) by day and host; a key over time; by hour.

import type { Days, HostDays } from "../logic/days";
import { formatSi, formatTime } from "../logic/format";
import { hourHeatOf, type Line } from "../logic/keySeries";
import { historyTexts as t } from "../texts/history";
import type { ChartOption } from "./echarts";
import { heatParts } from "./heat";
import { type Palette, tooltipStyle } from "./palette";

import "./echartsExplore";

const DAY_MS = 86_400_000;

function frame(p: Palette): Record<string, unknown> {
	return {
		animation: false,
		color: [...p.series],
		textStyle: { fontFamily: p.font },
		legend: { type: "scroll", bottom: 0, textStyle: { color: p.text, fontSize: 11.5 }, pageTextStyle: { color: p.muted } },
	};
}

function categories(data: string[], p: Palette): Record<string, unknown> {
	return {
		type: "category",
		data,
		axisLabel: { color: p.muted, fontSize: 11, hideOverlap: true },
		axisTick: { show: false },
		axisLine: { lineStyle: { color: p.line }, onZero: true },
	};
}

function values(p: Palette, unit: string): Record<string, unknown> {
	return {
		type: "value",
		axisLabel: { color: p.muted, fontSize: 11, formatter: (n: number) => formatSi(Math.abs(n), unit) },
		splitLine: { lineStyle: { color: p.line } },
	};
}

export function dayBars({ days, hosts, rest }: Days, p: Palette): ChartOption {
	const all: { name: string; of: HostDays; color: string | undefined }[] = hosts.map((of, i) => ({
		name: of.host,
		of,
		color: p.series[i % p.series.length],
	}));
	if (rest) all.push({ name: t.daily.rest, of: rest, color: p.muted });
	const bar = (name: string, color: string | undefined, stack: string, data: number[], opacity: number) => ({
		type: "bar",
		name,
		stack,
		data,
		barMaxWidth: 64,
		itemStyle: { color, opacity },
	});
	return {
		...frame(p),
		tooltip: {
			...tooltipStyle(p),
			trigger: "item",
			formatter: ({ seriesName, name, value }: { seriesName: string; name: string; value: number }) =>
				`${name} · ${seriesName} · ${formatSi(Math.abs(value), "B")} ${value < 0 ? t.daily.outWord : t.daily.inWord}`,
		},
		grid: { left: 84, right: 16, top: 12, bottom: 56 },
		xAxis: { ...categories(days, p), axisLabel: { color: p.muted, fontSize: 11, hideOverlap: true } },
		yAxis: {
			...values(p, "B"),
			name: `↑ ${t.daily.inWord}   ↓ ${t.daily.outWord}`,
			nameTextStyle: { color: p.muted, fontSize: 11 },
			nameLocation: "middle",
			nameGap: 66,
		},
		series: all.flatMap(({ name, of, color }) => [
			bar(name, color, "bytes", of.inBytes, 1),
			bar(name, color, "bytes", of.outBytes.map((n) => -n), 0.6),
		]),
	};
}

function timeLabel(span: number): (ms: number) => string {
	return (ms) => {
		const time = formatTime(ms * 1000).slice(0, span > 600_000 ? 5 : 8);
		return span > DAY_MS ? `${new Date(ms).toLocaleDateString("en-CA").slice(5)} ${time}` : time;
	};
}

// The mean as a line in a band from the least to the most.
export function keyLine(line: Line, p: Palette): ChartOption {
	const span = (line.startsMs[line.startsMs.length - 1] ?? 0) - (line.startsMs[0] ?? 0);
	const part = (name: string, data: (number | null)[], more: object) => ({
		type: "line",
		name,
		data,
		showSymbol: line.startsMs.length === 1,
		connectNulls: false,
		...more,
	});
	const hidden = { lineStyle: { opacity: 0 }, itemStyle: { color: p.bar }, symbol: "none" };
	const height = line.max.map((most, i) => (most === null ? null : most - (line.min[i] ?? 0)));
	return {
		...frame(p),
		legend: { show: false },
		tooltip: {
			...tooltipStyle(p),
			trigger: "axis",
			formatter: (items: { dataIndex: number }[]) => {
				const i = items[0]?.dataIndex ?? 0;
				const text = (value: number | null | undefined) =>
					typeof value === "number" ? formatSi(value, line.unit) : "–";
				return `${timeLabel(span)(line.startsMs[i] ?? 0)} · ${t.series.mean} ${text(line.mean[i])} (${text(line.min[i])} – ${text(line.max[i])})`;
			},
		},
		grid: { left: 84, right: 16, top: 12, bottom: 32 },
		xAxis: { ...categories(line.startsMs.map(timeLabel(span)), p), boundaryGap: false },
		yAxis: { ...values(p, line.unit), min: 0 },
		series: [
			part(t.series.band, line.min, { ...hidden, stack: "band", tooltip: { show: false } }),
			part(t.series.band, height, { ...hidden, stack: "band", areaStyle: { color: p.bar, opacity: 0.25 } }),
			part(t.series.mean, line.mean, { lineStyle: { width: 1.75, color: p.bar }, itemStyle: { color: p.bar } }),
		],
	};
}

export function keyHeat(line: Line, p: Palette): ChartOption {
	const { days, cells, max } = hourHeatOf(line);
	const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")} h`);
	return {
		...frame(p),
		legend: { show: false },
		tooltip: {
			...tooltipStyle(p),
			formatter: ({ value }: { value: [number, number, number] }) =>
				`${days[value[1]] ?? ""} ${hours[value[0]] ?? ""} · ${formatSi(value[2], line.unit)}`,
		},
		xAxis: categories(hours, p),
		yAxis: { ...categories(days, p), inverse: true },
		...heatParts(cells, max, line.unit, 96, p),
	};
}
