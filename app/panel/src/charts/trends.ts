// SPDX-License-Identifier: BSD-3-Clause
// A small line for each row of a table: one chart over a column of it. All lines share one grid, in
// which row i goes from i to i + 1; each line has its own scale, from 0 to its largest value.

import type { ChartOption } from "./echarts";
import type { Palette } from "./palette";

export const TREND_WIDTH = 44;
const PAD = 0.2; // of a row, above and below

function placed(values: readonly (number | null)[], row: number): (number | null)[] {
	const largest = Math.max(1, ...values.map((value) => value ?? 0));
	return values.map((value) =>
		value === null ? null : row + 1 - PAD - (value / largest) * (1 - 2 * PAD),
	);
}

export function trendsOption(lines: readonly (readonly (number | null)[])[], p: Palette): ChartOption {
	return {
		animation: false,
		grid: { left: 2, right: 2, top: 0, bottom: 0 },
		xAxis: { type: "category", show: false, boundaryGap: false, data: lines[0]?.map((_, at) => at) ?? [] },
		yAxis: { type: "value", show: false, min: 0, max: lines.length, inverse: true },
		series: lines.map((values, row) => ({
			id: row,
			type: "line",
			data: placed(values, row),
			showSymbol: false,
			silent: true,
			connectNulls: false,
			lineStyle: { color: p.bar, width: 1.25 },
		})),
	};
}
