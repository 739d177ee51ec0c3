// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { barsOf, durationS, endText, filterOf, flagsText, type Flow, flowChoiceOf, flowId } from "../src/logic/flows";

const summary = { min: 0, max: 0, mean: 0, std: 0 };
const part = (bytes: number) => ({ packets: 1, bytes, l3_bytes: bytes, tcp_flags: 0, size: summary, iat_us: summary });

function flow(changes: Partial<Flow> = {}): Flow {
	return {
		src: "10.0.0.1", sport: 1234, dst: "2001:db8::7", dport: 443, proto: 6, vlan: [], app: "HTTPS",
		first_us: 1_000_000, last_us: 3_500_000, worker: 0, fwd: part(300), rev: part(100), bidir: part(400),
		...changes,
	};
}

describe("what is asked for", () => {
	it("has defaults for what the address leaves out or has wrong", () => {
		const plain = { filter: "", sort: "bytes", order: "desc", limit: 25, paused: false, flow: null };
		expect(flowChoiceOf({})).toEqual(plain);
		expect(flowChoiceOf({ sort: "size", order: "up", limit: "7", paused: "yes" })).toEqual(plain);
	});
	it("is what the address says", () => {
		expect(flowChoiceOf({ filter: "tcp", sort: "last", order: "asc", limit: "500", paused: "1", flow: "x" })).toEqual({
			filter: "tcp", sort: "last", order: "asc", limit: 500, paused: true, flow: "x",
		});
	});
});

describe("a record", () => {
	it("names its ends", () => {
		expect(endText("10.0.0.1", 80)).toBe("10.0.0.1:80");
		expect(endText("2001:db8::7", 443)).toBe("[2001:db8::7]:443");
		expect(endText("2001:db8::7", 0)).toBe("2001:db8::7");
	});
	it("is told from others by key, tunnel and beginning", () => {
		const others = [
			flow({ proto: 17 }), flow({ sport: 1 }), flow({ vlan: [5] }), flow({ first_us: 2 }),
			flow({ tunnel: { type: "gre", src: "a", dst: "b", id: 7, depth: 1 } }),
		];
		expect(new Set([flow(), ...others].map(flowId)).size).toBe(6);
		expect(flowId(flow({ last_us: 9e9, fwd: part(1) }))).toBe(flowId(flow()));
	});
	it("has bars as wide as its bytes, of the largest", () => {
		expect(barsOf(flow(), 600)).toEqual({ there: 0.5, back: 1 / 6 });
		expect(barsOf(flow({ fwd: part(0), rev: part(0) }), 0)).toEqual({ there: 0, back: 0 });
	});
	it("lasts from the first packet to the latest, and never less than nothing", () => {
		expect(durationS(flow())).toBe(2.5);
		expect(durationS(flow({ last_us: 0 }))).toBe(0);
	});
	it("gives a filter of its ends", () => {
		expect(filterOf(flow())).toBe("host 10.0.0.1 and host 2001:db8::7 and port 1234 and port 443");
		expect(filterOf(flow({ sport: 0, dport: 0 }))).toBe("host 10.0.0.1 and host 2001:db8::7");
	});
	it("spells TCP flags", () => {
		expect(flagsText(27)).toBe("FIN SYN PSH ACK");
		expect(flagsText(0)).toBe("");
	});
});
