// SPDX-License-Identifier: BSD-3-Clause
// What heat maps of values have in common: room for the scale below, the scale, the cells.

import { formatSi } from "../logic/format";
import type { Palette } from "./palette";

export type HeatCell = [column: number, row: number, value: number];

export function heatParts(cells: HeatCell[], max: number, unit: string, left: number, p: Palette) {
	return {
		grid: { left, right: 16, top: 8, bottom: 84 },
		visualMap: {
			type: "continuous",
			min: 0,
			max: max || 1,
			calculable: true,
			orient: "horizontal",
			left: "center",
			bottom: 4,
			inRange: { color: [p.cold, p.hot] },
			textStyle: { color: p.text },
			formatter: (n: number) => formatSi(n, unit),
		},
		series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: p.line, borderWidth: 1 } }],
	};
}
