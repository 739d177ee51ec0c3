// SPDX-License-Identifier: BSD-3-Clause
// Ranked horizontal bars: the one picture for top lists, shares and outliers. Bars move to their
// new rank (see logic/slots.ts for which bar is whose).

import type { ChartOption } from "./echarts";
import { type Palette, tooltipStyle } from "./palette";

export interface Bar {
	key: string;
	value: number;
	label: string; // at the end of the bar
	tip: string; // in the tooltip, beside the key
}

export interface Mark {
	value: number;
	label: string;
	strong: boolean; // a limit, as against a mean
}

export interface BarsOptions {
	colour: string;
	marks: readonly Mark[];
	max?: number; // of the value axis; by the bars where it is missing
	mono: boolean; // keys are addresses and the like
}

export const ROW_HEIGHT = 22;
const MARK_ROOM = 20;
const KEY_WIDTH = 108;

export function barsHeight(rows: number, marked: boolean): number {
	return Math.max(rows, 2) * ROW_HEIGHT + (marked ? MARK_ROOM : 4) + 4;
}

function axes(bars: readonly Bar[], p: Palette, o: BarsOptions): Record<string, unknown> {
	return {
		xAxis: {
			type: "value",
			show: false,
			min: 0,
			max: o.max ?? "dataMax",
		},
		yAxis: {
			type: "category",
			inverse: true,
			data: bars.map((bar) => bar.key),
			axisLine: { show: o.marks.length > 0, onZero: false, lineStyle: { color: p.line } },
			axisTick: { show: false },
			axisLabel: {
				color: p.text,
				fontSize: 11.5,
				fontFamily: o.mono ? p.mono : p.font,
				width: KEY_WIDTH - 8,
				overflow: "truncate",
				interval: 0,
			},
			animationDuration: 300,
			animationDurationUpdate: 450,
		},
	};
}

function markLines(p: Palette, marks: readonly Mark[]): Record<string, unknown> {
	return {
		silent: true,
		symbol: "none",
		animation: false,
		data: marks.map((mark) => ({
			xAxis: mark.value,
			lineStyle: {
				color: mark.strong ? p.limit : p.muted,
				width: mark.strong ? 1.5 : 1,
				type: mark.strong ? "solid" : "dashed",
			},
			label: {
				formatter: mark.label,
				position: "end",
				distance: 4,
				color: mark.strong ? p.limit : p.muted,
				fontSize: 11,
				fontFamily: p.font,
			},
		})),
	};
}

// Bars in slot order; the chart sorts them by value.
export function barsOption(bars: readonly Bar[], p: Palette, o: BarsOptions): ChartOption {
	const rows = Math.max(bars.length, 2);
	const byKey = new Map(bars.map((bar) => [bar.key, bar]));
	return {
		animationDuration: 0,
		animationDurationUpdate: 450,
		animationEasing: "cubicOut",
		animationEasingUpdate: "cubicOut",
		textStyle: { fontFamily: p.font },
		grid: {
			left: KEY_WIDTH,
			right: 66,
			top: o.marks.length > 0 ? MARK_ROOM : 4,
			height: rows * ROW_HEIGHT,
		},
		...axes(bars, p, o),
		tooltip: {
			...tooltipStyle(p),
			trigger: "item",
			formatter: (point: { name: string }) => tip(byKey.get(point.name)),
		},
		series: [
			{
				id: "bars",
				type: "bar",
				realtimeSort: true,
				barWidth: 12,
				data: bars.map((bar) => ({
					value: bar.value,
					label: { formatter: bar.label },
				})),
				itemStyle: { color: o.colour, borderRadius: [0, 2, 2, 0] },
				emphasis: { disabled: true },
				label: {
					show: true,
					position: "right",
					distance: 6,
					color: p.muted,
					fontSize: 11.5,
					fontFamily: p.font,
				},
				markLine: markLines(p, o.marks),
			},
		],
	};
}

// As elements, never as markup: keys come from the network.
function tip(bar: Bar | undefined): HTMLElement | string {
	if (!bar) return "";
	const box = document.createElement("div");
	const key = document.createElement("div");
	const value = document.createElement("div");
	key.textContent = bar.key;
	key.className = "tip-key";
	value.textContent = bar.tip;
	box.append(key, value);
	return box;
}
