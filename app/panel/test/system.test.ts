// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { busyBetween } from "../src/logic/system";
import type { Stats } from "../src/rpc/types";

const at = (uptime: number, share: number | null) =>
	({ uptime_s: uptime, lcores: [{ lcore: 1, cpu: 1, role: "rx", busy_share: share }] }) as unknown as Stats;

describe("an lcore's busy share of late", () => {
	it("is what was added since, not the mean since the start", () => {
		// 10 of 100 s, then 10 of 110 s and 8 more.
		expect(busyBetween(1, at(110, 18 / 110), at(100, 0.1))).toBeCloseTo(0.8);
		expect(busyBetween(1, at(110, 10 / 110), at(100, 0.1))).toBeCloseTo(0);
	});

	it("is not known without two measurements of one run", () => {
		expect(busyBetween(1, at(100, 0.1), null)).toBeNull();
		expect(busyBetween(1, at(5, 0.1), at(100, 0.1))).toBeNull();
		expect(busyBetween(1, at(110, null), at(100, 0.1))).toBeNull();
		expect(busyBetween(2, at(110, 0.1), at(100, 0.1))).toBeNull();
	});
});
