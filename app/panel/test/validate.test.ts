// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import {
	formatRate,
	formatWeighted,
	isAddress,
	isProtocolName,
	parseNet,
	parseNumber,
	parseRate,
	parseWeighted,
	ranges,
} from "../src/logic/validate";

describe("parameters", () => {
	it.each([
		["H", "100", 100],
		["H", " 0.001 ", 0.001],
		["T", "1", 1],
		["T", "3600", 3600],
		["k", "1e3", 1000],
		["X", "1000", 1000],
	] as const)("%s takes %s", (name, text, value) => {
		expect(parseNumber(text, ranges[name])).toEqual({ ok: true, value });
	});

	it.each([
		["H", "0"],
		["H", "100.1"],
		["H", "-1"],
		["T", "0"],
		["T", "3601"],
		["T", "1.5"],
		["k", "0"],
		["k", "1001"],
		["k", ""],
		["k", "ten"],
		["k", "0x10"],
		["X", "0"],
		["X", "1000.5"],
		["X", "Infinity"],
		["X", "1e999"],
	] as const)("%s refuses %j and says what is allowed", (name, text) => {
		const parsed = parseNumber(text, ranges[name]);
		expect(parsed.ok).toBe(false);
		if (!parsed.ok) expect(parsed.error).toContain(String(ranges[name].max));
	});
});

describe("rates", () => {
	it.each([
		["2mpps", 2_000_000],
		["2 Mpps", 2_000_000],
		["1.5Mpps", 1_500_000],
		["500k", 500_000],
		["1500000", 1_500_000],
		["1,500,000", 1_500_000],
		["10pps", 10],
		["1gpps", 1_000_000_000],
		["max", 0],
		["0", 0],
	])("%s", (text, value) => {
		expect(parseRate(text)).toEqual({ ok: true, value });
	});

	it.each(["", "fast", "-1", "2mbps", "1.1gpps", "2 m m", "1e6x"])("refuses %j", (text) => {
		expect(parseRate(text).ok).toBe(false);
	});

	it("reads back what it writes", () => {
		for (const n of [0, 1, 999, 1000, 1234, 1_000_000, 1_500_000, 1_234_567, 1_000_000_000]) {
			expect(parseRate(formatRate(n))).toEqual({ ok: true, value: n });
		}
	});
});

describe("weighted lists", () => {
	it("reads names with weights, and back", () => {
		const parsed = parseWeighted("a 1\n\n b\t2.5 \nc,0", () => true);
		expect(parsed).toEqual({ ok: true, value: { names: ["a", "b", "c"], weights: [1, 2.5, 0] } });
		if (parsed.ok) {
			expect(formatWeighted(parsed.value.names, parsed.value.weights)).toBe("a 1\nb 2.5\nc 0");
		}
	});

	it("reads names alone", () => {
		expect(parseWeighted("a\nb", () => true)).toEqual({
			ok: true,
			value: { names: ["a", "b"], weights: null },
		});
	});

	it.each([
		["a 1\nb", "every line"],
		["a 1\na 2", "Line 2"],
		["a -1", "Line 1"],
		["a 1 2", "Line 1"],
		["a 0\nb 0", "above 0"],
		[" \n ", "at least one"],
	])("refuses %j", (text, part) => {
		const parsed = parseWeighted(text, () => true);
		expect(parsed.ok ? "" : parsed.error).toContain(part);
	});
});

describe("names", () => {
	it("knows addresses and networks", () => {
		for (const good of ["192.0.2.1", "255.255.255.255", "2001:db8::1", "::1", "::ffff:1.2.3.4"]) {
			expect(isAddress(good), good).toBe(true);
		}
		for (const wrong of ["256.1.1.1", "1.2.3", "host", "12:34", "<b>"]) {
			expect(isAddress(wrong), wrong).toBe(false);
		}
		expect(parseNet("10.0.0.0/16")).toEqual({ ok: true, value: "10.0.0.0/16" });
		expect(parseNet("2001:db8::/64").ok).toBe(true);
		for (const wrong of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0/8/9"]) {
			expect(parseNet(wrong).ok, wrong).toBe(false);
		}
	});

	it("knows protocol names", () => {
		expect(isProtocolName("SFTP/SSH")).toBe(true);
		expect(isProtocolName("GTP-U")).toBe(true);
		expect(isProtocolName('"><b>')).toBe(false);
	});
});
