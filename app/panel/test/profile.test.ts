// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { formatEvents, parseEvents } from "../src/logic/events";
import { changesOf, draftOf, fieldOfPath } from "../src/logic/profile";
import type { Profile } from "../src/rpc/types";

const profile: Profile = {
	rate_pps: 1_000_000,
	flows: 100_000,
	popularity: { type: "zipf", s: 1.1 },
	addresses: ["53.215.218.189", { net4: "10.0.0.0/16", count: 5000 }],
	address_weights: [20, 80],
	protocols: ["HTTPS", "DNS"],
	protocol_weights: null,
	size: { type: "uniform", min: 64, max: 1518 },
};
const base = draftOf(profile);

describe("the generator's form", () => {
	it("shows the profile", () => {
		expect(base.rate_pps).toBe("1mpps");
		expect(base.addresses).toBe("53.215.218.189 20\n10.0.0.0/16*5000 80");
		expect(base.protocols).toBe("HTTPS\nDNS");
	});

	it("sends nothing where nothing was changed", () => {
		expect(changesOf(base, base)).toEqual({ changes: {}, errors: {} });
	});

	it("sends only what was changed", () => {
		expect(changesOf({ ...base, rate_pps: "2mpps", size: "imix" }, base).changes).toEqual({
			rate_pps: 2_000_000,
			size: { type: "imix" },
		});
	});

	it("reads lists back into addresses, networks and weights", () => {
		const draft = { ...base, addresses: "192.0.2.1 1\n10.1.0.0/16*10 2\n2001:db8::/64*3 3" };
		expect(changesOf(draft, base).changes).toEqual({
			addresses: ["192.0.2.1", { net4: "10.1.0.0/16", count: 10 }, { net6: "2001:db8::/64", count: 3 }],
			address_weights: [1, 2, 3],
		});
	});

	it("drops weights that no longer fit when addresses come from a network", () => {
		const draft = { ...base, source: "net", net: "10.2.0.0/16", count: "100" };
		expect(changesOf(draft, base).changes).toEqual({
			addresses: { net4: "10.2.0.0/16", count: 100 },
			address_weights: null,
		});
	});

	it("names the field of each mistake", () => {
		const draft = { ...base, rate_pps: "x", flows: "0", size_min: "900", size_max: "800" };
		const { errors, changes } = changesOf(draft, base);
		expect(Object.keys(errors).sort()).toEqual(["flows", "rate_pps", "size_max"]);
		expect(changes.rate_pps).toBeUndefined();
	});

	it("finds the field of the server's path", () => {
		expect(fieldOfPath("rate_pps", base)).toBe("rate_pps");
		expect(fieldOfPath("size.min", base)).toBe("size_min");
		expect(fieldOfPath("size.type", base)).toBe("size");
		expect(fieldOfPath("popularity.s", base)).toBe("popularity_s");
		expect(fieldOfPath("protocols[3]", base)).toBe("protocols");
		expect(fieldOfPath("address_weights[0]", base)).toBe("addresses");
		expect(fieldOfPath("addresses.net4", { ...base, source: "net" })).toBe("net");
		expect(fieldOfPath("addresses.count", { ...base, source: "net" })).toBe("count");
		expect(fieldOfPath("generator.flows", base)).toBe("flows");
		expect(fieldOfPath("answer_key", base)).toBeNull();
	});
});

describe("events", () => {
	const surge = { type: "surge", at_s: 30, for_s: 10.5, key: "53.215.218.189", factor: 20 };

	it("are lines, and come back as they were", () => {
		const text = formatEvents([surge, { type: "other" }]);
		expect(text).toBe("surge at_s=30 for_s=10.5 key=53.215.218.189 factor=20\nother");
		expect(parseEvents(text)).toEqual({ ok: true, value: [surge, { type: "other" }] });
		expect(parseEvents("\n")).toEqual({ ok: true, value: [] });
	});

	it("name the line that is none", () => {
		for (const bad of ["surge 30", "at_s=3", "surge =3"]) {
			const parsed = parseEvents(`surge\n${bad}`);
			expect(parsed.ok ? "" : parsed.error).toContain("Line 2");
		}
	});
});
