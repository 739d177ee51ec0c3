// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import {
	draftFromParams,
	queryDraftOf,
	queryFieldOf,
	readQuery,
} from "../src/logic/queryDraft";
import type { Query } from "../src/rpc/types";

// Without the members that are left out on the wire.
const wire = (value: unknown) => JSON.parse(JSON.stringify(value));

describe("a query's form", () => {
	it("gives back the query that it was filled from", () => {
		const queries: Query[] = [
			{ name: "a", key: "ip", metric: "bytes", op: { type: "topk", k: 7 }, window_s: 30, slide_s: 5, scope: "in", filter: "tcp" },
			{ name: "b", key: "subnet", prefix4: 20, prefix6: 56, metric: "flows", op: { type: "share", percent: 2.5 }, window_s: null, slide_s: 1, scope: "all" },
			{ name: "c", key: "total", metric: "bytes", op: { type: "limit", max: 5, clear_after: 3 }, window_s: 1, slide_s: 1, scope: "out" },
			{ name: "d", key: "dst_ip", metric: "packets", op: { type: "outlier", x: 3, method: "mad" }, window_s: 10, slide_s: 1, scope: "all" },
		];
		for (const query of queries) {
			const read = readQuery(queryDraftOf(query));
			expect(read.errors).toEqual({});
			expect(wire(read.query)).toEqual(query);
		}
	});

	it("names numbers that are none", () => {
		const draft = { ...queryDraftOf(null), op: "share", percent: "0", window_s: "x", slide_s: "-1" };
		expect(Object.keys(readQuery(draft).errors).sort()).toEqual(["percent", "slide_s", "window_s"]);
	});

	it("looks only at the fields of its operator", () => {
		const draft = { ...queryDraftOf(null), k: "7", percent: "nonsense", min: "nonsense" };
		expect(readQuery(draft).errors).toEqual({});
	});

	it("is filled from the address, with its own fields only", () => {
		const draft = draftFromParams({ key: "dst_port", filter: "udp", new: "1", toString: "x" });
		expect([draft.key, draft.filter]).toEqual(["dst_port", "udp"]);
		expect(Object.keys(draft)).toEqual(Object.keys(queryDraftOf(null)));
	});

	it("finds the field of a path", () => {
		expect(["op.k", "op.type", "op", "name", "toString", "queries[2].x"].map(queryFieldOf)).toEqual([
			"k", "op", "op", "name", null, null,
		]);
	});
});
