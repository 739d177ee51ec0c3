// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { choiceOf, keysCounted, slotsFor, stretches } from "../src/logic/explore";
import {
	endsOf,
	fromPreviews,
	fromSamples,
	heatOf,
	othersOf,
	summaryOf,
	toCsv,
} from "../src/logic/series";
import type { Result } from "../src/rpc/types";

const S = 1e6;

function result(startS: number, endS: number, values: Record<string, number>, keys?: number): Result {
	const sum = Object.values(values).reduce((a, b) => a + b, 0);
	return {
		type: "result", query: "q", seq: 0, key: "src_ip", metric: "packets", op: { type: "topk", k: 9 },
		window: { start_us: startS * S, end_us: endS * S },
		total: { bytes: 0, packets: sum, flows: 0 }, keys: keys ?? Object.keys(values).length, exact: true,
		rows: Object.entries(values).map(([key, value]) => ({ key, value })),
	};
}

describe("previews of growing windows", () => {
	// Seconds 6 to 10 in two slots: a 4 then 6, b 0 then 2, c only in the older slot.
	const previews = [result(8, 10, { a: 6, b: 2 }), result(6, 10, { a: 10, c: 8, b: 2 })];

	it("become rates per slot, in the order of time", () => {
		const series = fromPreviews(previews, 2);
		// The first slot was over when Weir began; what came in the second is known.
		const [first = 0, second = 0] = series.endsMs;
		const late = fromPreviews(previews, 2, first).keys.map(({ values }) => values);
		expect(late).toEqual(series.keys.map(({ values }) => [null, ...values.slice(1)]));
		expect(fromPreviews(previews, 2, second - 1)).toEqual(fromPreviews(previews, 2, first));
		expect(series.endsMs).toEqual([8000, 10000]);
		expect(series.slotS).toBe(2);
		expect(series.keys).toEqual([{ key: "a", values: [2, 3] }, { key: "c", values: [4, 0] }]);
		expect(series.total).toEqual([6, 4]);
		expect(othersOf(series)).toEqual([0, 1]);
	});

	it("say nothing of a key that the shorter window cut off", () => {
		const cut = [result(8, 10, { a: 6 }, 2), previews[1] as Result];
		expect(fromPreviews(cut, 2).keys[1]?.values).toEqual([null, null]);
		expect(othersOf(fromPreviews(cut, 2))).toEqual([null, null]);
	});

	it("have no total where a packet has two keys", () => {
		const both = previews.map((one): Result => ({ ...one, key: "ip" }));
		expect(fromPreviews(both, 2).total).toBeNull();
	});
});

describe("stored samples", () => {
	it("are rates of their windows; bytes are bits", () => {
		const bytes = [result(0, 10, { a: 100 }), result(10, 20, { a: 50, b: 10 })].map(
			(one): Result => ({ ...one, metric: "bytes", total: { ...one.total, bytes: one.total.packets } }),
		);
		const series = fromSamples(bytes, 8);
		expect(series.keys).toEqual([{ key: "a", values: [80, 40] }, { key: "b", values: [0, 8] }]);
		expect(series.total).toEqual([80, 48]);
	});
});

describe("the summary of a key", () => {
	it("has min, max, mean, last and the 95th percentile of what is known", () => {
		const values = [...Array.from({ length: 20 }, (_, i) => i + 1), null];
		expect(summaryOf(values)).toEqual({ min: 1, max: 20, mean: 10.5, last: null, p95: 19 });
		expect(summaryOf([null])).toBeNull();
		expect(summaryOf([7])).toEqual({ min: 7, max: 7, mean: 7, last: 7, p95: 7 });
	});
});

describe("CSV", () => {
	it("quotes, and starts no formula", () => {
		const series = fromSamples([result(0, 1, { "=1+1": 2, 'a,"b': 3 })], 8);
		expect(toCsv(series)).toBe(
			`end,"a,""b (pps)",'=1+1 (pps)\r\n1970-01-01T00:00:01.000Z,3,2\r\n`,
		);
	});
});

describe("pairs", () => {
	it("have two ends", () => {
		expect(endsOf("10.0.0.1 - 10.0.0.2")).toEqual(["10.0.0.1", "10.0.0.2"]);
		expect(endsOf("6 10.0.0.1:1 - 192.0.2.7:443")).toEqual(["10.0.0.1:1", "192.0.2.7:443"]);
		expect(endsOf("10.0.0.1")).toBeNull();
	});
});

describe("the heat map", () => {
	it("takes means of slots with the same label", () => {
		const series = fromSamples([result(0, 1, { a: 2 }), result(1, 2, { a: 4 }), result(2, 3, { a: 9 })], 8);
		const heat = heatOf(series, (ms) => (ms < 2500 ? "x" : "y"));
		expect(heat).toEqual({ columns: ["x", "y"], cells: [[0, 0, 3], [1, 0, 9]], max: 9 });
	});
});

describe("the question", () => {
	it("comes from the address, and only what is allowed", () => {
		expect(choiceOf({}, "external")).toMatchObject({ source: "now", rangeS: 60, scope: "external", view: "stack" });
		expect(choiceOf({ range: "7", view: "pie", source: "x" }, "all")).toMatchObject({ rangeS: 60, view: "stack", source: "now" });
		expect(choiceOf({ source: "history", range: "86400" }, "all").rangeS).toBe(86400);
	});

	it("divides time into whole panes, and fewer the more keys there are", () => {
		expect(slotsFor(60, 100, 1)).toBe(20);
		expect(slotsFor(10, 100, 1)).toBe(10);
		expect(slotsFor(300, 4111, 1)).toBe(20);
		expect(slotsFor(900, 4111, 1)).toBeLessThan(12);
		expect(slotsFor(3600, 100_000, 1)).toBe(1);
		expect(60 % slotsFor(60, 40_000, 1)).toBe(0);
	});

	it("knows the keys of its dimension", () => {
		const dimension = { key: "ip", scope: "all", queries: 1, keys: 7, slices: 1, bytes: 1 };
		expect(keysCounted(choiceOf({}, "all"), [dimension])).toBe(7);
		expect(keysCounted(choiceOf({ filter: "tcp" }, "all"), [dimension])).toBe(0);
	});

	it("covers the stored time without gaps", () => {
		const parts = stretches(600, 1_000_000);
		expect(parts.length).toBe(60);
		expect(parts[0]?.fromUs).toBe(400 * S);
		expect(parts[59]?.toUs).toBe(1000 * S);
		parts.slice(1).forEach((part, i) => expect(part.fromUs).toBe(parts[i]?.toUs));
	});
});
