// SPDX-License-Identifier: BSD-3-Clause
// Values of keys over time, as Explore draws them: slots of equal meaning, each key with a value in
// each slot or null where it is not known. Sums (bytes, packets, flows) are rates per second, so
// that slots of different lengths compare; distinct counts and sums since the start are values.

import type { Metric, Result } from "../rpc/types";

export interface KeySeries {
	key: string;
	values: (number | null)[];
}

export interface Series {
	endsMs: number[]; // of the slots, in order
	slotS: number; // their length; of samples, the window's
	unit: string;
	keys: KeySeries[]; // largest first
	total: (number | null)[] | null; // null where keys overlap or do not add up
	keysSeen: number;
	exact: boolean;
}

export interface Summary {
	min: number;
	max: number;
	mean: number;
	last: number | null;
	p95: number;
}

const UNITS: Partial<Record<Metric, string>> = { bytes: "bit/s", packets: "pps", flows: "flows/s" };
// Of these keys each packet has exactly one, so that their values add up to the total.
const PARTITIONS = new Set([
	"protocol", "ip_proto", "src_ip", "dst_ip", "ip_pair", "src_dst_ip", "flow", "src_port", "dst_port", "vlan",
	"src_mac", "dst_mac", "total",
]);

export function isAdditive(metric: Metric): boolean {
	return metric in UNITS;
}

function perSecond(value: number, metric: Metric, seconds: number): number {
	return isAdditive(metric) && seconds > 0 ? (value * (metric === "bytes" ? 8 : 1)) / seconds : value;
}

function rowsOf(result: Result): Map<string, number> {
	return new Map(result.rows.map((row) => [row.key, row.value]));
}

// A key without a row: 0 if all keys have one, else not known.
function valueIn(result: Result, rows: Map<string, number>, key: string): number | null {
	return rows.get(key) ?? (result.rows.length >= result.keys ? 0 : null);
}

const minus = (a: number | null, b: number | null) => (a === null || b === null ? null : a - b);

// Previews of windows that all end at the same moment, shortest first, each longer by a slot: the
// difference of two neighbours is what lies in the slot between their beginnings. Nothing is known
// of slots that were over before `sinceMs`.
export function fromPreviews(previews: readonly Result[], top: number, sinceMs = -Infinity): Series {
	const longest = previews[previews.length - 1] as Result;
	const { metric } = longest;
	const slotS = (longest.window.end_us - longest.window.start_us) / 1e6 / previews.length;
	const rows = previews.map(rowsOf);
	const totals = previews.map((preview) => preview.total[metric] ?? 0);
	const rate = (value: number | null) => value && perSecond(value, metric, slotS);
	const endMs = (i: number) => longest.window.end_us / 1000 - i * slotS * 1000;
	const slot = (sums: (number | null)[], i: number) =>
		endMs(i) <= sinceMs ? null : rate(minus(sums[i] ?? null, i === 0 ? 0 : (sums[i - 1] ?? null)));
	const slots = (sums: (number | null)[]) => sums.map((_, i) => slot(sums, i)).reverse();
	return {
		endsMs: previews.map((_, i) => endMs(i)).reverse(),
		slotS,
		unit: UNITS[metric] ?? "",
		keys: longest.rows.slice(0, top).map(({ key }) => ({
			key,
			values: slots(previews.map((preview, i) => valueIn(preview, rows[i] as Map<string, number>, key))),
		})),
		total: PARTITIONS.has(longest.key) ? slots(totals) : null,
		keysSeen: longest.keys,
		exact: previews.every((preview) => preview.exact),
	};
}

// Stored results, oldest first.
export function fromSamples(results: readonly Result[], top: number): Series {
	const last = results[results.length - 1] as Result;
	const { metric } = last;
	const seconds = ({ window }: Result) => (window.end_us - window.start_us) / 1e6;
	const sums = new Map<string, number>();
	for (const { rows } of results) {
		for (const { key, value } of rows) sums.set(key, (sums.get(key) ?? 0) + value);
	}
	const largest = [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, top);
	const rows = results.map(rowsOf);
	const rate = (value: number | null, i: number) =>
		value && perSecond(value, metric, seconds(results[i] as Result));
	return {
		endsMs: results.map(({ window }) => window.end_us / 1000),
		slotS: seconds(last),
		unit: UNITS[metric] ?? "",
		keys: largest.map(([key]) => ({
			key,
			values: results.map((result, i) => rate(valueIn(result, rows[i] as Map<string, number>, key), i)),
		})),
		total: PARTITIONS.has(last.key)
			? results.map((result, i) => rate(result.total[metric] ?? null, i))
			: null,
		keysSeen: Math.max(...results.map(({ keys }) => keys)),
		exact: results.every(({ exact }) => exact),
	};
}

// What is not of the keys shown, where values add up and all of them are known.
export function othersOf(series: Series): (number | null)[] | null {
	return (
		series.total?.map((total, i) => {
			const parts = series.keys.map(({ values }) => values[i] ?? null);
			if (total === null || parts.includes(null)) return null;
			return Math.max(0, total - parts.reduce<number>((a, b) => a + (b ?? 0), 0));
		}) ?? null
	);
}

// The 95th percentile is the smallest value that at least 95 percent are not above.
export function summaryOf(values: readonly (number | null)[]): Summary | null {
	const known = values.filter((value) => value !== null);
	if (known.length === 0) return null;
	const sorted = [...known].sort((a, b) => a - b);
	const at = (index: number) => sorted[index] as number;
	return {
		min: at(0),
		max: at(sorted.length - 1),
		mean: known.reduce((a, b) => a + b, 0) / known.length,
		last: values[values.length - 1] ?? null,
		p95: at(Math.ceil(sorted.length * 0.95) - 1),
	};
}

// A cell that a spreadsheet would take for a formula begins with a quote.
function cell(value: string | number | null): string {
	if (typeof value !== "string") return value === null ? "" : String(value);
	const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// One line a slot, one column a key.
export function toCsv(series: Series): string {
	const head = ["end", ...series.keys.map(({ key }) => `${key} (${series.unit || "value"})`)];
	const lines = series.endsMs.map((ms, i) => [
		new Date(ms).toISOString(),
		...series.keys.map(({ values }) => values[i] ?? null),
	]);
	return [head, ...lines].map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

// The two ends of a pair, or null for keys without.
export function endsOf(key: string): [string, string] | null {
	const ends = key.replace(/^\d+ /, "").split(/ (?:-|->|→|>) /);
	return ends.length === 2 ? [ends[0] as string, ends[1] as string] : null;
}

export interface Heat {
	columns: string[];
	cells: [column: number, row: number, value: number][];
	max: number;
}

// Means of each key by column; slots with the same label share one.
export function heatOf(series: Series, label: (ms: number) => string): Heat {
	const columns = [...new Set(series.endsMs.map(label))];
	const cells: Heat["cells"] = [];
	series.keys.forEach(({ values }, row) => {
		columns.forEach((column, index) => {
			const known = values.filter((v, i) => v !== null && label(series.endsMs[i] as number) === column);
			if (known.length === 0) return;
			cells.push([index, row, known.reduce<number>((a, b) => a + (b ?? 0), 0) / known.length]);
		});
	});
	return { columns, cells, max: Math.max(0, ...cells.map(([, , value]) => value)) };
}
