// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { Inbox } from "../src/logic/inbox";
import { outCounters, outRates } from "../src/logic/ports";
import { ranksBefore, resultAt, ResultHistory, trendsOf } from "../src/logic/resultHistory";
import { asText, rankChange } from "../src/logic/rows";
import type { Generator, Port, Result } from "../src/rpc/types";

const S = 1e6;

function result(endS: number, values: Record<string, number>, query = "q"): Result {
	return {
		type: "result", query, seq: endS, key: "ip", metric: "bytes", op: { type: "topk", k: 9 },
		window: { start_us: (endS - 2) * S, end_us: endS * S },
		total: { bytes: 1, packets: 1, flows: 1 }, keys: 1, exact: true,
		rows: Object.entries(values).map(([key, value]) => ({ key, value })),
	};
}

function kept(rowsKept: number, ...results: Result[]): readonly Result[] {
	const history = new ResultHistory(rowsKept);
	for (const one of results) history.push(one);
	return history.of("q");
}

describe("the history of results", () => {
	it("gives the newest result up to a moment", () => {
		const list = kept(100, result(1, {}), result(2, {}), result(3, {}));
		expect(resultAt(list, 2500)?.seq).toBe(2);
		expect(resultAt(list, 500)).toBeNull();
	});

	it("is bounded in rows, over all queries", () => {
		const many = { a: 1, b: 1, c: 1, d: 1, e: 1 };
		const all = Array.from({ length: 20 }, (_, i) => result(i, many));
		expect(kept(50, ...all).length).toBe(10);
		expect(kept(50, result(0, many, "other"), ...all).length).toBe(5);
		expect(kept(1, ...all).length).toBe(2);
	});

	it("begins anew when time goes back or the query changes, and takes a window once", () => {
		expect(kept(100, result(5, {}), result(3, {})).length).toBe(1);
		expect(kept(100, result(5, {}), { ...result(6, {}), metric: "flows" }).length).toBe(1);
		expect(kept(100, result(5, { a: 1 }), result(5, { b: 1 }))[0]?.rows[0]?.key).toBe("b");
	});

	it("gives ranks of the window before, and trends", () => {
		const list = kept(100, result(1, { a: 3, b: 2 }), result(2, { b: 4 }), result(3, { b: 5, a: 1 }));
		const now = list[2] as Result;
		expect([...(ranksBefore(list, now) ?? [])]).toEqual([["a", 1], ["b", 2]]);
		expect(trendsOf(list, now, ["a", "b"], 2)).toEqual([[null, 1], [4, 5]]);
	});
});

describe("ranks", () => {
	const row = { key: "a", value: 1 };
	it("rise, fall, stay and enter", () => {
		const before = new Map([["a", 3]]);
		expect(rankChange(row, 1, before)).toEqual({ kind: "rose", from: 3 });
		expect(rankChange(row, 5, before)).toEqual({ kind: "fell", from: 3 });
		expect(rankChange(row, 3, before)).toEqual({ kind: "same" });
		expect(rankChange({ key: "b", value: 1 }, 3, before)).toEqual({ kind: "entered" });
		expect(rankChange(row, 1, null)).toEqual({ kind: "unknown" });
	});

	it("are the server's where it tells them", () => {
		expect(rankChange({ ...row, previous_rank: 2 }, 1, null)).toEqual({ kind: "rose", from: 2 });
		expect(rankChange({ ...row, previous_rank: null }, 1, new Map([["a", 1]]))).toEqual({ kind: "entered" });
	});
});

describe("AS numbers", () => {
	it("are shown in every form", () => {
		expect([undefined, 64500, { number: 5, org: "x" }].map(asText)).toEqual(["", "AS64500", "AS5 x"]);
	});
});

describe("what the ports send", () => {
	const port = (opackets: number, obytes: number) => ({ opackets, obytes }) as Port;
	const generator = { bytes: 500 } as Generator;
	it("comes from the ports, for rings from the generator", () => {
		expect(outCounters([port(1, 60), port(2, 70)], generator, 0).bytes).toBe(130);
		expect(outCounters([port(5, 0)], generator, 0).bytes).toBe(500);
		expect(outCounters([port(5, 0)], null, 0).bytes).toBeNull();
		expect(outCounters([port(0, 0)], null, 0).bytes).toBe(0);
	});

	it("is a rate between two readings", () => {
		const before = { atMs: 0, packets: 10, bytes: 100 };
		expect(outRates({ atMs: 2000, packets: 30, bytes: 600 }, before)).toEqual({ pps: 10, bps: 2000 });
		expect(outRates({ atMs: 2000, packets: 30, bytes: null }, before)).toEqual({ pps: 10, bps: null });
		expect(outRates({ atMs: 2000, packets: 1, bytes: 1 }, before)).toBeNull();
	});
});

describe("the inbox", () => {
	it("takes together what comes together", async () => {
		const taken: number[][] = [];
		const inbox = new Inbox<number>((items) => taken.push([...items]), 5);
		inbox.push(1);
		inbox.push(2);
		await new Promise((resolve) => setTimeout(resolve, 30));
		inbox.push(3);
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(taken).toEqual([[1, 2], [3]]);
	});

	it("leaves as much time for other things as drawing took", async () => {
		const at: number[] = [];
		const inbox = new Inbox<number>(() => {
			at.push(performance.now());
			while (performance.now() - (at[at.length - 1] ?? 0) < 60); // drawing
		}, 5);
		inbox.push(1);
		await new Promise((resolve) => setTimeout(resolve, 120));
		const pushed = performance.now();
		inbox.push(2);
		await new Promise((resolve) => setTimeout(resolve, 200));
		expect((at[1] ?? 0) - pushed).toBeGreaterThan(50);
	});
});
