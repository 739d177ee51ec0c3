// SPDX-License-Identifier: BSD-3-Clause
// The answer of results.series, as History draws it.

import type { Metric } from "../rpc/types";
import { isAdditive } from "./series";

export interface SeriesPoint {
	start_us: number;
	end_us: number;
	results: number;
	listed: number;
	min: number | null;
	mean: number | null;
	max: number | null;
}

export interface SeriesAnswer {
	query: string;
	key: string;
	metric: Metric | null;
	window_us: number | null;
	step_us: number;
	results: number;
	points: SeriesPoint[];
	source: string;
	partial: boolean;
	missing?: string;
}

export interface Line {
	startsMs: number[];
	min: (number | null)[];
	mean: (number | null)[];
	max: (number | null)[];
	unit: string;
}

// Sums (bytes, packets, flows) of windows become rates. A step without results is a gap in the line.
export function lineOf({ points, metric, window_us, step_us }: SeriesAnswer): Line {
	const rate = metric !== null && isAdditive(metric) && window_us !== null;
	const factor = rate ? ((metric === "bytes" ? 8 : 1) * 1e6) / window_us : 1;
	const line: Line = {
		startsMs: [],
		min: [],
		mean: [],
		max: [],
		unit: rate ? ({ bytes: "bit/s", packets: "pps", flows: "flows/s" }[metric as string] ?? "") : "",
	};
	const add = (startUs: number, point: SeriesPoint | null) => {
		line.startsMs.push(startUs / 1000);
		for (const name of ["min", "mean", "max"] as const) {
			const value = point?.[name] ?? null;
			line[name].push(value === null ? null : value * factor);
		}
	};
	points.forEach((point, i) => {
		const before = points[i - 1];
		if (before && point.start_us > before.end_us) add(point.start_us - step_us, null);
		add(point.start_us, point);
	});
	return line;
}

export interface HourHeat {
	days: string[]; // local
	cells: [hour: number, day: number, value: number][];
	max: number;
}

// Means by local day and hour of the day.
export function hourHeatOf(line: Line): HourHeat {
	const sums = new Map<string, { day: string; hour: number; sum: number; n: number }>();
	line.mean.forEach((value, i) => {
		if (value === null) return;
		const at = new Date(line.startsMs[i] as number);
		const day = at.toLocaleDateString("en-CA");
		const id = `${day} ${at.getHours()}`;
		const cell = sums.get(id) ?? { day, hour: at.getHours(), sum: 0, n: 0 };
		cell.sum += value;
		cell.n++;
		sums.set(id, cell);
	});
	const days = [...new Set([...sums.values()].map(({ day }) => day))].sort();
	const cells = [...sums.values()].map(
		({ day, hour, sum, n }): HourHeat["cells"][number] => [hour, days.indexOf(day), sum / n],
	);
	return { days, cells, max: Math.max(0, ...cells.map(([, , value]) => value)) };
}

export function seriesCsv({ points }: SeriesAnswer): string {
	const lines = points.map(({ start_us, end_us, results, listed, min, mean, max }) =>
		[new Date(start_us / 1000).toISOString(), new Date(end_us / 1000).toISOString(), results, listed]
			.concat([min ?? "", mean ?? "", max ?? ""] as string[])
			.join(","),
	);
	return ["start,end,results,listed,min,mean,max", ...lines].map((line) => `${line}\r\n`).join("");
}
