// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { type Limit, limitDraftOf, limitFieldOf, limitId, readLimit } from "../src/logic/limitDraft";

describe("a limit's form", () => {
	it("gives back the row that it was filled from", () => {
		const limit: Limit = {
			limit_name: "uplink", source: "10.0.0.0/8", destination: "192.0.2.1", min_bytes: 5,
			max_bytes: 7_000_000_000, window_s: 60, effective_date: "2026-11-26", clear_after: 2,
		};
		expect(readLimit(limitDraftOf(limit))).toEqual({ limit, errors: {} });
	});

	it("leaves out what is empty, and what the server says of a row", () => {
		const draft = { ...limitDraftOf({ limit_name: "a", origin: "rpc", state: "holds" }), max_bytes: " 9 " };
		expect(readLimit(draft).limit).toEqual({ limit_name: "a", max_bytes: 9 });
	});

	it("names numbers that are none", () => {
		const draft = { ...limitDraftOf(null), min_bytes: "0", max_bytes: "1.5", window_s: "86401", clear_after: "x" };
		expect(Object.keys(readLimit(draft).errors).sort()).toEqual(["clear_after", "max_bytes", "min_bytes", "window_s"]);
	});

	it("finds the field of a path", () => {
		expect(["rows[0].max_bytes", "limit.source", "limit_name", "rows", "limit"].map(limitFieldOf)).toEqual([
			"max_bytes", "source", "limit_name", null, null,
		]);
	});

	it("has a row for each date", () => {
		expect(limitId({ limit_name: "a" })).toBe("a");
		expect(limitId({ limit_name: "a", effective_date: "2026-01-01" })).toBe("a 2026-01-01");
	});
});
