// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { shareScale } from "../src/components/resultBars";
import { explainEmpty } from "../src/components/resultText";
import { appendSample, ratesOf, type Sample } from "../src/logic/history";
import { largestPossibleZ, outlierRule } from "../src/logic/outlier";
import { Slots } from "../src/logic/slots";
import type { Op, Result, Stats } from "../src/rpc/types";
import { formatHash, parseHash } from "../src/state/location";

const statsOf = (received: number, bytes: number, rates?: Stats["rates"]): Stats => ({
	ledger: {
		offered: received,
		received,
		received_bytes: bytes,
		nic: { missed: 0, errors: 0, nombuf: 0 },
		flow_packets: received,
		flow_bytes: bytes,
		discarded: {},
		residual: 0,
	},
	...(rates ? { rates } : {}),
});

describe("rates", () => {
	it("are the server's where it gives them", () => {
		expect(ratesOf(statsOf(1, 1, { pps: 5, bps: 6 }), 0, null)).toEqual({ pps: 5, bps: 6 });
	});

	it("come from the counters otherwise", () => {
		const before = { stats: statsOf(100, 1000), atMs: 1000 };
		expect(ratesOf(statsOf(300, 2000), 3000, before)).toEqual({ pps: 100, bps: 4000 });
		expect(ratesOf(statsOf(50, 2000), 3000, before)).toBeNull(); // started anew
		expect(ratesOf(statsOf(300, 2000), 1000, before)).toBeNull();
	});
});

describe("history", () => {
	const add = (list: readonly Sample[], atMs: number) =>
		appendSample(list, { atMs, pps: 1, bps: 8, outPps: 0, outBps: null }, 10_000);

	it("keeps what is young enough", () => {
		let list: readonly Sample[] = [];
		for (let ms = 0; ms <= 15_000; ms += 1000) list = add(list, ms);
		expect(list[0]?.atMs).toBe(5000);
		expect(list.length).toBe(11);
	});

	it("marks a gap", () => {
		const list = add(add([], 0), 5000);
		expect(list.map((s) => s.pps)).toEqual([1, null, 1]);
	});

	it("ignores a sample twice and starts over when time goes back", () => {
		const list = add(add([], 5000), 6000);
		expect(add(list, 6000)).toBe(list);
		expect(add(list, 1000).length).toBe(1);
	});
});

describe("slots", () => {
	it("let a key keep its bar and give a leaver's bar to the one that enters", () => {
		const slots = new Slots();
		expect(slots.assign(["a", "b", "c"])).toEqual(["a", "b", "c"]);
		expect(slots.assign(["c", "a", "d"])).toEqual(["a", "d", "c"]);
		expect(slots.assign(["c", "a", "d", "e"])).toEqual(["a", "d", "c", "e"]);
	});

	it("hold each ranked key exactly once, whatever came before", () => {
		const slots = new Slots();
		let seed = 1;
		const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
		for (let round = 0; round < 500; round++) {
			const keys = "abcdefghij".split("").filter(() => random() < 0.5);
			expect([...slots.assign(keys)].sort()).toEqual(keys);
		}
	});
});

describe("outlier rule", () => {
	it("is mean + X sigma, or median + X 1.4826 MAD", () => {
		const stats = { mean: 10, sigma: 2, median: 8, mad: 1 };
		expect(outlierRule(3, "sigma", stats)).toEqual({ centre: 10, threshold: 16 });
		expect(outlierRule(2, "mad", stats)?.threshold).toBeCloseTo(10.9652);
		expect(outlierRule(2, "sigma", undefined)).toBeNull();
	});

	it("knows the largest z: one value against n - 1 equal ones", () => {
		for (const n of [2, 5, 100]) {
			const mean = 1 / n;
			const sigma = Math.sqrt(((1 - mean) ** 2 + (n - 1) * mean ** 2) / n);
			expect(largestPossibleZ(n)).toBeCloseTo((1 - mean) / sigma);
		}
		expect(largestPossibleZ(1)).toBe(0);
	});
});

describe("empty results", () => {
	const resultOf = (op: Op, packets: number, more: Partial<Result> = {}): Result => ({
		type: "result",
		query: "q",
		seq: 1,
		key: "protocol",
		metric: "bytes",
		op,
		window: { start_us: 0, end_us: 1e6 },
		total: { bytes: packets * 64, packets, flows: 1 },
		keys: 5,
		exact: true,
		rows: [],
		...more,
	});
	const calm = { running: true, generatorStopped: false };
	const share: Op = { type: "share", percent: 10 };
	const outlier: Op = { type: "outlier", x: 2.5, method: "sigma" };

	it("say nothing where there are rows", () => {
		expect(explainEmpty(resultOf(share, 1, { rows: [{ key: "a", value: 1 }] }), calm)).toBeNull();
	});

	it("name the reason and the way out when nothing arrives", () => {
		const empty = resultOf(share, 0);
		expect(explainEmpty(empty, { ...calm, running: false })?.help).toContain("processor is stopped");
		expect(explainEmpty(empty, { ...calm, generatorStopped: true })?.help).toContain("generator");
		expect(explainEmpty(empty, calm)?.help).toContain("ports");
	});

	it("name the limit that nothing reached", () => {
		expect(explainEmpty(resultOf(share, 1), calm)?.what).toContain("10 %");
		expect(explainEmpty(resultOf(outlier, 1), calm)?.what).toContain("mean + 2.5σ");
	});

	it("say why no outlier can be found, with the number of keys and the bound", () => {
		const stats = { max_z: 2, can_fire: false };
		const what = explainEmpty(resultOf(outlier, 1, { stats }), calm)?.what;
		expect(what).toContain("With 5 protocols no value can exceed mean + 2.5σ");
		expect(what).toContain("2.00");
	});
});

describe("scales and addresses", () => {
	it("take the smallest scale that holds the shares", () => {
		expect(shareScale(0.05)).toBe(0.1);
		expect(shareScale(0.1)).toBe(0.25);
		expect(shareScale(0.99)).toBe(1);
		expect(shareScale(1)).toBe(1);
	});

	it("read and write the page's address", () => {
		expect(parseHash("")).toEqual({ page: "", params: {} });
		expect(parseHash("#/live?minutes=5")).toEqual({ page: "live", params: { minutes: "5" } });
		expect(formatHash({ page: "live", params: { minutes: "5" } })).toBe("#/live?minutes=5");
		expect(formatHash({ page: "live", params: {} })).toBe("#/live");
	});
});
