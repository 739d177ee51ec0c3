// SPDX-License-Identifier: BSD-3-Clause
// What the bars of a result show, by its operator.

import type { Bar, BarsOptions, Mark } from "../charts/bars";
import type { Palette } from "../charts/palette";
import { formatShare, formatSi, formatZ, metricUnit } from "../logic/format";
import { outlierRule } from "../logic/outlier";
import type { Slots } from "../logic/slots";
import type { Result, Row } from "../rpc/types";
import { texts } from "../texts";

export const BARS_SHOWN = 10;
const SCALES = [0.1, 0.25, 0.5, 1];

export interface Picture extends BarsOptions {
	bars: Bar[];
	rows: number; // room for so many
	worthDrawing: boolean;
}

// Words are set in the text's own face; addresses and numbers in one with equal widths.
export function isMono(key: string): boolean {
	return key !== "protocol" && key !== "ip_proto" && key !== "total";
}

// The smallest scale of shares that holds them all, so that the limit's line seldom moves.
export function shareScale(largest: number): number {
	return SCALES.find((scale) => largest * 1.02 <= scale) ?? 1;
}

function barOf(result: Result, row: Row): Bar {
	const value = formatSi(row.value, metricUnit(result.metric));
	const tip = [value, formatShare(row.share)];
	switch (result.op.type) {
		case "share":
			return { key: row.key, value: row.share ?? 0, label: formatShare(row.share), tip: tip.join(" · ") };
		case "outlier":
			tip.push(`z ${formatZ(row.z)}`);
			return { key: row.key, value: row.value, label: `z ${formatZ(row.z)}`, tip: tip.join(" · ") };
		default:
			return { key: row.key, value: row.value, label: value, tip: tip.join(" · ") };
	}
}

function marksOf(result: Result): Mark[] {
	const { op, stats } = result;
	if (op.type === "share") {
		return [
			{
				value: op.percent / 100,
				name: texts.results.shareLimit,
				text: formatShare(op.percent / 100),
				strong: true,
			},
		];
	}
	if (op.type !== "outlier" || result.keys === 0) return [];
	const method = op.method ?? "sigma";
	const rule = outlierRule(op.x, method, stats);
	if (!rule) return [];
	const mark = (value: number, name: string, strong: boolean): Mark => ({
		value,
		name,
		text: formatSi(value, metricUnit(result.metric)),
		strong,
	});
	return [
		mark(rule.centre, texts.results.centre(method), false),
		mark(rule.threshold, texts.results.rule(op.x, method), true),
	];
}

function maxOf(result: Result, bars: readonly Bar[], marks: readonly Mark[]): number | undefined {
	const largest = Math.max(0, ...bars.map((bar) => bar.value), ...marks.map((mark) => mark.value));
	if (result.op.type === "share") return shareScale(largest);
	return result.op.type === "outlier" && largest > 0 ? largest * 1.05 : undefined;
}

export function describeBars(result: Result, slots: Slots, p: Palette): Picture {
	const shown = result.rows.slice(0, BARS_SHOWN);
	const byKey = new Map(shown.map((row) => [row.key, row]));
	const bars = slots
		.assign(shown.map((row) => row.key))
		.flatMap((key) => (key === null ? [] : (byKey.get(key) ?? [])))
		.map((row) => barOf(result, row));
	const marks = marksOf(result);
	const max = maxOf(result, bars, marks);
	const planned = result.op.type === "topk" ? Math.min(result.op.k, BARS_SHOWN) : bars.length;
	return {
		bars,
		marks,
		...(max === undefined ? {} : { max }),
		colour: result.op.type === "outlier" ? p.outlier : p.bar,
		mono: isMono(result.key),
		rows: Math.max(bars.length, planned),
		worthDrawing: bars.length > 0 || (marks.length > 0 && result.op.type === "outlier"),
	};
}
