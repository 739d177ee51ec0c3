// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { type Daily, dailyCsv, daysOf, isDay, rangeOf, sumsOf } from "../src/logic/days";
import { hourHeatOf, lineOf, type SeriesAnswer, seriesCsv } from "../src/logic/keySeries";

const daily = (day: string, host: string, inBytes: number, outBytes: number): Daily => ({
	day, host, inBytes, inPackets: 1, outBytes, outPackets: 2,
});

describe("days", () => {
	const totals = [
		daily("2026-02-27", "a", 10, 1), daily("2026-02-27", "b", 5, 5),
		daily("2026-03-01", "a", 30, 3), daily("2026-03-01", "c", 1, 1),
	];

	it("has a column for each day between, also for those without totals", () => {
		expect(daysOf(totals, 8).days).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
	});

	it("names the largest hosts and adds the others up", () => {
		const { hosts, rest, count } = daysOf(totals, 1);
		expect(hosts).toEqual([{ host: "a", inBytes: [10, 0, 30], outBytes: [1, 0, 3] }]);
		expect(rest).toEqual({ host: "", inBytes: [5, 0, 1], outBytes: [5, 0, 1] });
		expect(count).toBe(3);
		expect(daysOf(totals, 3).rest).toBeNull();
	});

	it("has nothing where there is nothing", () => {
		expect(daysOf([], 8)).toEqual({ days: [], hosts: [], rest: null, count: 0 });
	});

	it("sums by host, largest first", () => {
		expect(sumsOf(totals)[0]).toEqual({ host: "a", inBytes: 40, inPackets: 2, outBytes: 4, outPackets: 4 });
		expect(sumsOf(totals).map(({ host }) => host)).toEqual(["a", "b", "c"]);
	});

	it("takes only days that exist", () => {
		expect(["2026-02-28", "2028-02-29"].every(isDay)).toBe(true);
		expect(["2026-02-29", "2026-2-28", "26-02-28", "", "2026-02-28T00"].some(isDay)).toBe(false);
	});

	it("shows the last week unless the address says otherwise", () => {
		const now = Date.parse("2026-03-01T23:59:59Z");
		expect(rangeOf({}, now)).toEqual({ from: "2026-02-23", to: "2026-03-01" });
		expect(rangeOf({ from: "2026-01-01" }, now)).toEqual({ from: "2026-01-01", to: "2026-03-01" });
	});

	it("writes CSV", () => {
		expect(dailyCsv(totals).split("\r\n")[1]).toBe("2026-02-27,a,10,1,1,2");
	});
});

describe("a key over time", () => {
	const point = (startS: number, listed: number, mean: number | null) => ({
		start_us: startS * 1e6, end_us: (startS + 10) * 1e6, results: 5, listed,
		min: mean, mean, max: mean === null ? null : mean * 2,
	});
	const answer: SeriesAnswer = {
		query: "q", key: "k", metric: "bytes", window_us: 10e6, step_us: 10e6, results: 15,
		points: [point(0, 5, 100), point(10, 0, null), point(40, 1, 50)], source: "local", partial: false,
	};

	it("turns sums of windows into rates", () => {
		const line = lineOf(answer);
		expect(line.unit).toBe("bit/s");
		expect(line.mean[0]).toBe(80); // 100 bytes in 10 s
		expect(line.max[0]).toBe(160);
	});

	it("breaks off where the key was not listed and where there were no results", () => {
		const line = lineOf(answer);
		expect(line.mean).toEqual([80, null, null, 40]);
		expect(line.startsMs).toEqual([0, 10000, 30000, 40000]);
	});

	it("leaves values of other metrics alone", () => {
		expect(lineOf({ ...answer, metric: "peers" }).mean[0]).toBe(100);
	});

	it("takes means by hour", () => {
		const hour = new Date(40 * 1000).getHours();
		const { days, cells, max } = hourHeatOf(lineOf(answer));
		expect(days).toHaveLength(1);
		expect(cells).toEqual([[hour, 0, 60]]);
		expect(max).toBe(60);
	});

	it("writes CSV, with nothing where nothing is known", () => {
		const lines = seriesCsv(answer).split("\r\n");
		expect(lines[1]).toBe("1970-01-01T00:00:00.000Z,1970-01-01T00:00:10.000Z,5,5,100,100,200");
		expect(lines[2]).toBe("1970-01-01T00:00:10.000Z,1970-01-01T00:00:20.000Z,5,0,,,");
	});
});
