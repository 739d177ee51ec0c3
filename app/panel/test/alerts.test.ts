// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { ALERTS_KEPT, mergeAlerts } from "../src/logic/alerts";
import { formatMoment } from "../src/logic/format";
import type { Alert } from "../src/rpc/types";

const alert = (at_us: number, key = "total", state: Alert["state"] = "raised"): Alert => ({
	type: "alert", query: "q", key, value: 5, limit: 1, state, at_us,
});

describe("alerts that were heard and listed", () => {
	it("are there once, newest first", () => {
		const heard = [alert(5), alert(3)];
		const listed = [alert(3), alert(2), alert(1)];
		expect(mergeAlerts(heard, listed).map((a) => a.at_us)).toEqual([5, 3, 2, 1]);
	});

	it("fill a gap", () => {
		expect(mergeAlerts([alert(5), alert(1)], [alert(5), alert(4), alert(1)]).map((a) => a.at_us)).toEqual([5, 4, 1]);
	});

	it("of one moment keep their order, and differ by key and state", () => {
		const listed = [alert(3, "b"), alert(3, "a")];
		expect(mergeAlerts([alert(3, "c"), alert(3, "a", "cleared")], listed).map((a) => `${a.key} ${a.state}`)).toEqual([
			"c raised", "a cleared", "b raised", "a raised",
		]);
	});

	it("are bounded: the oldest go", () => {
		const listed = Array.from({ length: ALERTS_KEPT }, (_, i) => alert(1000 - i));
		const merged = mergeAlerts([alert(2000), alert(1)], listed);
		expect([merged.length, merged[0]?.at_us, merged.at(-1)?.at_us]).toEqual([ALERTS_KEPT, 2000, 902]);
	});
});

describe("the moment of an alert", () => {
	it("has its day unless that is today", () => {
		const noon = new Date(2026, 10, 27, 12, 0, 0).getTime() * 1000;
		expect(formatMoment(noon, noon + 3600e6)).toMatch(/^12:00:00 /);
		expect(formatMoment(noon, noon + 86400e6)).toMatch(/^2026-11-27 12:00:00 /);
	});
});
