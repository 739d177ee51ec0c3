// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { countError, formatRatio, goesOn, queryIsExact } from "../src/logic/calibration";
import { formatMicros } from "../src/logic/format";
import type { CalibratedQuery } from "../src/rpc/types";

const exact: CalibratedQuery = {
	query: "ip-topk", windows: 5, windows_missing: 0, rows_expected: 50, rows_found: 50,
	precision: 1, recall: 1, count_error: 0, total_error: 0, rank_errors: 0,
};

describe("a calibration", () => {
	it("goes on until it is done, failed or was never", () => {
		expect(["settling", "running", "draining"].every((state) => goesOn({ state } as never))).toBe(true);
		expect(["never", "failed", "done"].some((state) => goesOn({ state } as never))).toBe(false);
		expect(goesOn(null)).toBe(false);
	});

	it("is exact without any difference only", () => {
		expect(queryIsExact(exact)).toBe(true);
		for (const [member, value] of [
			["windows_missing", 1], ["precision", 0.99], ["recall", 0.99], ["count_error", 1],
			["total_error", 1], ["rank_errors", 1],
		]) {
			expect(queryIsExact({ ...exact, [member as string]: value })).toBe(false);
		}
		expect(countError({ ...exact, count_error: 3, total_error: 7 })).toBe(7);
	});

	it("does not round what is not whole to 1", () => {
		expect(formatRatio(1)).toBe("1.0000");
		expect(formatRatio(0.99999)).toBe("0.9999");
		expect(formatRatio(0.5)).toBe("0.5000");
	});
});

describe("short times", () => {
	it("have a fitting unit", () => {
		expect([0.15, 21.5, 999.6, 1376.3, 999_600, 2_500_000].map(formatMicros)).toEqual([
			"0.15 µs", "21.5 µs", "1.00 ms", "1.38 ms", "1.00 s", "2.50 s",
		]);
		expect(formatMicros(null)).toBe("–");
	});
});
