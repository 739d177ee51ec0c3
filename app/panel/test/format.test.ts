// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import {
	formatAge,
	formatCount,
	formatDateTime,
	formatMicros,
	formatPlain,
	formatShare,
	formatSi,
	formatUtc,
	formatWindow,
	formatZ,
} from "../src/logic/format";

describe("formatSi", () => {
	it.each([
		[0, "B", "0 B"],
		[999, "B", "999 B"],
		[999.4, "pps", "999 pps"],
		[999.6, "pps", "1.00 kpps"],
		[1000, "B", "1.00 kB"],
		[12_345, "pps", "12.3 kpps"],
		[999_499, "B", "999 kB"],
		[999_500, "B", "1.00 MB"],
		[2_910_000_000, "bit/s", "2.91 Gbit/s"],
		[1.5e21, "B", "1500 EB"],
		[-1500, "B", "-1.50 kB"],
		[42, "", "42"],
		[4200, "", "4.20 k"],
	])("%d %s is %s", (n, unit, text) => {
		expect(formatSi(n, unit)).toBe(text);
	});

	it("says nothing of what is not known", () => {
		expect(formatSi(undefined, "B")).toBe("–");
		expect(formatSi(NaN, "B")).toBe("–");
	});
});

describe("other numbers", () => {
	it("groups counts", () => {
		expect(formatCount(1234567)).toBe("1,234,567");
		expect(formatCount(-5)).toBe("-5");
	});

	it("gives shares in percent, and does not round a part to nothing or to the whole", () => {
		expect(formatShare(0)).toBe("0 %");
		expect(formatShare(0.0001)).toBe("< 0.1 %");
		expect(formatShare(0.1234)).toBe("12.3 %");
		expect(formatShare(1)).toBe("100 %");
	});

	it("writes z, plain numbers, times and ages", () => {
		expect(formatZ(3.14159)).toBe("3.14");
		expect(formatZ(undefined)).toBe("–");
		expect(formatPlain(0.1 + 0.2)).toBe("0.3");
		expect(formatUtc(1_700_000_000_000_000)).toBe("2023-11-14T22:13:20.000Z");
		expect(formatAge(59.4)).toBe("59 s");
		expect(formatAge(95)).toBe("1 min 35 s");
		expect(formatAge(7260)).toBe("2 h 1 min");
	});
});

describe("durations", () => {
	it("have the unit that fits, and nothing is nothing", () => {
		expect([0, 0.5, 999, 1234, 1_000_000].map(formatMicros)).toEqual(["0 s", "0.50 µs", "999 µs", "1.23 ms", "1.00 s"]);
	});
});

describe("times", () => {
	const us = Date.UTC(2026, 10, 27, 18, 10, 5) * 1000;
	const there = (zone: string) => {
		process.env.TZ = zone;
		return formatDateTime(us);
	};

	it("name their zone", () => {
		const before = process.env.TZ;
		try {
			expect(there("UTC")).toBe("2026-11-27 18:10:05 UTC");
			expect(formatWindow({ start_us: us - 5e6, end_us: us })).toBe("18:10:00 – 18:10:05 UTC");
			expect(there("Europe/Berlin")).toBe("2026-11-27 19:10:05 UTC+1");
			expect(there("Asia/Kolkata")).toBe("2026-11-27 23:40:05 UTC+5:30");
			expect(there("America/St_Johns")).toBe("2026-11-27 14:40:05 UTC-3:30");
		} finally {
			if (before === undefined) delete process.env.TZ;
			else process.env.TZ = before;
		}
	});
});
