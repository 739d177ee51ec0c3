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

// A line across the bars; its name stands in the legend, where lines close together do not hide
// each other's.
export interface Mark {
	value: number;
	name: string;
	text: string; // the value, for people
	strong: boolean; // a limit, as against a mean
}

export interface BarsOptions {
	colour: string;
	marks: readonly Mark[];
	max?: number; // of the value axis; by the bars where it is missing
	mono: boolean; // keys are addresses and the like
}

const ROOM = 220; // for all rows
const ROW_HEIGHT = { min: 22, max: 28 };
const ROWS_EMPTY = 2; // so that lines across have some length where there are no bars
const EDGE = 4;
const KEY_WIDTH = 112;

function rowHeight(rows: number): number {
	return Math.min(ROW_HEIGHT.max, Math.max(ROW_HEIGHT.min, Math.floor(ROOM / rows)));
}

export function barsHeight(rows: number): number {
	const n = rows === 0 ? ROWS_EMPTY : rows;
	return n * rowHeight(n) + 2 * EDGE;
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
			label: { show: false },
		})),
	};
}

// Bars in slot order; the chart sorts them by value.
// The bar of the key `lit` stands out.
export function barsOption(
	bars: readonly Bar[],
	p: Palette,
	o: BarsOptions,
	lit: string | null = null,
): ChartOption {
	const known = lit !== null && bars.some((bar) => bar.key === lit);
	const rows = bars.length === 0 ? ROWS_EMPTY : bars.length;
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
			top: EDGE,
			height: rows * rowHeight(rows),
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
				barWidth: "56%",
				data: bars.map((bar) => ({
					value: bar.value,
					label: { formatter: bar.label },
					itemStyle: { opacity: known && bar.key !== lit ? 0.45 : 1 },
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
