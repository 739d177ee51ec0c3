// SPDX-License-Identifier: BSD-3-Clause
// The state behind the mock server: traffic that is made up every second, the six built-in
// queries computed from it, and the parameters with the ranges of the real server.

export class Refused extends Error {
	constructor(code, field, text) {
		super(text);
		this.code = code;
		this.field = field;
	}
}

const PROTOCOLS = [
	"HTTPS", "QUIC", "DNS", "HTTP", "SSH", "NTP", "SMTP", "IMAP", "SIP", "MQTT", "syslog", "BGP",
	"RDP", "SMB",
];
const ADDRESSES = Array.from({ length: 900 }, (_, i) =>
	i % 29 === 7
		? `2001:db8:85a3:8d3:1319:8a2e:370:${(0x1000 + i * 37).toString(16)}`
		: `${i % 3 === 0 ? "53.215" : "10.1"}.${(i * 7) % 250}.${1 + ((i * 13) % 250)}`,
);
const PARAMETERS = {
	H: { min: 0, max: 100, above: true },
	T: { min: 1, max: 3600, integer: true },
	k: { min: 1, max: 1000, integer: true },
	X: { min: 0, max: 1000, above: true },
};
const PROFILE_MEMBERS = [
	"rate_pps", "seed", "flows", "popularity", "addresses", "address_weights", "protocols",
	"protocol_weights", "peers", "size", "duration_s", "packets", "answer_key", "events",
];

const METHODS = [
	"system.info", "stats.get", "ports.list", "query.list", "results.latest", "processor.get",
	"processor.set", "processor.start", "processor.stop", "generator.get", "generator.set",
	"generator.start", "generator.stop", "subscribe", "rpc.methods", "alerts.list",
];

const invalid = (field, found, allowed) =>
	new Refused(-32602, field, `${field}: found ${JSON.stringify(found)}, allowed: ${allowed}`);

function checkParameter(name, v) {
	const p = PARAMETERS[name];
	if (!p) throw new Refused(-32602, name, `${name}: no such parameter`);
	const range = p.above ? `above ${p.min}, up to ${p.max}` : `a whole number from ${p.min} to ${p.max}`;
	const low = p.above ? v <= p.min : v < p.min;
	if (typeof v !== "number" || low || v > p.max || (p.integer && !Number.isInteger(v))) {
		throw invalid(name, v, range);
	}
}

function checkProfile(changes) {
	for (const name of Object.keys(changes)) {
		if (!PROFILE_MEMBERS.includes(name)) throw new Refused(-32602, name, `${name}: no such field`);
	}
	const { rate_pps: rate, protocols } = changes;
	if (rate !== undefined && !(Number.isInteger(rate) && rate >= 0 && rate <= 1e9)) {
		throw invalid("rate_pps", rate, "a whole number from 0 to 1000000000");
	}
	// As in the real server, names are those of its protocol table.
	protocols?.forEach((name, i) => {
		if (!PROTOCOLS.includes(name)) {
			throw invalid(`protocols[${i}]`, name, 'a name from the protocol table, like "HTTPS"');
		}
	});
}

// Keys with counts of one second; shares drift, so that ranks change.
function drift(keys, exponent, total, second) {
	const weights = keys.map(
		(_, i) => (1 / (i + 1) ** exponent) * (1 + 0.55 * Math.sin(second / (5 + (i % 7)) + i * 2.1)),
	);
	const sum = weights.reduce((a, b) => a + b, 0);
	return weights.map((w) => Math.round((w / sum) * total));
}

export class World {
	// load: so many queries of 100 rows in place of the built-in ones
	constructor({ generator = true, load = 0 } = {}) {
		this.load = load;
		this.parameters = { H: 10, T: 10, k: 10, X: 2 };
		this.processorRuns = true;
		this.generatorRuns = generator;
		this.profile = generator
			? {
					rate_pps: 1000000, seed: 1, flows: 100000, popularity: { type: "zipf", s: 1.1 },
					addresses: ["53.215.218.189", "53.215.218.190", { net4: "10.1.0.0/16", count: 5000 }],
					address_weights: [20, 5, 75], protocols: ["HTTPS", "QUIC", "DNS", "HTTP", "SSH"],
					protocol_weights: [50, 20, 15, 10, 5],
					peers: { net4: "198.18.0.0/15", net6: "2001:2::/48", count: 4096 },
					size: { type: "imix" }, duration_s: null, packets: null, answer_key: null, events: [],
				}
			: null;
		this.sent = this.sentBytes = this.packets = this.bytes = this.stopped = 0;
		this.arp = this.truncated = 0;
		this.residual = 0;
		this.pps = this.bps = 0;
		this.panes = [];
		this.seq = 0;
		this.alerts = [];
	}

	// Newest first, as alerts.list has them; the caller may tell of it, too.
	alert(key) {
		const alert = {
			type: "alert", query: "ip-topk", key, value: 7000000, limit: 5000000, state: "raised", at_us: Date.now() * 1000,
		};
		this.alerts.unshift(alert);
		return alert;
	}

	// One second passes: returns the results that it closes.
	tick(atUs) {
		const second = Math.floor(atUs / 1e6);
		const rate = this.generatorRuns ? this.profile.rate_pps || 4000000 : 0;
		const packets = Math.round(rate * (1 + 0.03 * Math.sin(second / 3)));
		const size = { fixed: this.profile?.size.bytes, imix: 362 }[this.profile?.size.type] ?? 700;
		this.pps = packets;
		this.bps = packets * size * 8;
		this.sent += packets;
		this.sentBytes += packets * size;
		this.packets += packets;
		this.bytes += packets * size;
		this.arp += packets > 0 ? 3 : 0;
		this.truncated += packets > 0 && second % 5 === 0 ? 1 : 0;
		this.packets += packets > 0 ? 3 + (second % 5 === 0 ? 1 : 0) : 0;
		if (!this.processorRuns) {
			this.stopped += packets;
			return [];
		}
		this.panes.push({ second, packets, bytes: packets * size });
		this.panes = this.panes.slice(-this.parameters.T);
		this.seq++;
		return this.results((second + 1) * 1e6);
	}

	loadResults(endUs) {
		const op = { type: "topk", k: 100 };
		const one = this.result("", "ip", ADDRESSES, 1.05, 2, op, endUs, this.parameters.T);
		return Array.from({ length: this.load }, (_, i) => ({ ...one, query: `load-${i}` }));
	}

	results(endUs) {
		if (this.load > 0) return this.loadResults(endUs);
		const { H, T, k, X } = this.parameters;
		const ops = [
			["share", { type: "share", percent: H }],
			["topk", { type: "topk", k }],
			["outlier", { type: "outlier", x: X, method: "sigma" }],
		];
		return [["protocol", PROTOCOLS, 1.2, 1], ["ip", ADDRESSES, 1.05, 2]].flatMap(
			([key, keys, exponent, times]) =>
				ops.map(([name, op]) => this.result(`${key}-${name}`, key, keys, exponent, times, op, endUs, T)),
		);
	}

	result(query, key, keys, exponent, times, op, endUs, T) {
		const packets = this.panes.reduce((n, p) => n + p.packets, 0);
		const bytes = this.panes.reduce((n, p) => n + p.bytes, 0);
		const values = packets > 0 ? drift(keys, exponent, bytes * times, endUs / 1e6) : [];
		const n = values.length;
		const mean = n ? values.reduce((a, b) => a + b, 0) / n : 0;
		const sigma = n ? Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / n) : 0;
		const maxZ = n > 1 ? Math.sqrt(n - 1) : 0;
		const canFire = maxZ > (op.x ?? 0);
		let rows = values.map((value, i) => ({
			key: keys[i], value, share: bytes ? value / bytes : 0, error: 0,
			z: sigma > 0 ? (value - mean) / sigma : 0,
		}));
		rows.sort((a, b) => b.value - a.value || (a.key < b.key ? -1 : 1));
		if (op.type === "topk") rows = rows.slice(0, op.k);
		if (op.type === "share") rows = rows.filter((row) => row.share > op.percent / 100);
		if (op.type === "outlier") rows = canFire ? rows.filter((row) => row.z > op.x) : [];
		return {
			type: "result", query, seq: this.seq, key, metric: "bytes", op,
			window: { start_us: endUs - T * 1e6, end_us: endUs },
			total: { bytes, packets, flows: packets ? 5210 : 0 }, keys: n,
			...(op.type === "outlier"
				? { stats: { mean, sigma, median: mean / 2, mad: mean / 3, max_z: maxZ, can_fire: canFire } }
				: {}),
			exact: true, rows,
		};
	}

	stats() {
		const discarded = { arp: this.arp, ipv4_truncated: this.truncated, stopped: this.stopped };
		const lost = this.arp + this.truncated + this.stopped;
		return {
			at_us: Date.now() * 1000,
			ledger: {
				offered: this.packets, received: this.packets, received_bytes: this.bytes,
				nic: { missed: 0, errors: 0, nombuf: 0 }, flow_packets: this.packets - lost - this.residual,
				flow_bytes: this.bytes, discarded, residual: this.residual,
				detail_lost: { packets: 0, bytes: 0 },
			},
			flows: { created: 214500, active: this.pps ? 98342 : 0, ended: { idle: 116000 } },
			workers: [], rates: { pps: this.pps, bps: this.bps },
		};
	}

	queries() {
		return this.results(Date.now() * 1000).map(({ query: name, key, metric, op }) => ({
			name, key, metric, op, window_s: this.parameters.T, slide_s: 1, scope: "all",
		}));
	}

	processor() {
		return { ...this.parameters, running: this.processorRuns };
	}

	generator() {
		if (!this.profile) throw new Refused(-32000, "generator", "no generator: start with --demo");
		return {
			running: this.generatorRuns, sent: this.sent, bytes: this.sentBytes, dropped: 0, late: 0,
			achieved_pps: this.pps, profile: this.profile,
		};
	}

	call(method, params = {}) {
		switch (method) {
			case "system.info":
				return { name: "weir", version: "0.1.0-mock", hostname: "mock-appliance" };
			case "stats.get":
				return this.stats();
			case "rpc.methods":
				return METHODS.map((name) => ({ name }));
			case "ports.list":
				return [{ port: 0, name: "mock", opackets: this.sent, obytes: this.sentBytes }];
			case "alerts.list":
				return { alerts: this.alerts.slice(0, params.limit), more: false, source: "memory", dropped: 3, fault: null };
			case "query.list":
				return { queries: this.queries() };
			case "results.latest": {
				const latest = this.latest?.find((r) => r.query === params.query);
				if (!latest) throw new Refused(-32001, "query", `query: '${params.query}' has no result yet`);
				return latest;
			}
			case "processor.get":
				return this.processor();
			case "processor.set":
				for (const [name, v] of Object.entries(params)) checkParameter(name, v);
				Object.assign(this.parameters, params);
				return this.processor();
			case "processor.start":
			case "processor.stop":
				this.processorRuns = method.endsWith("start");
				return this.processor();
			case "generator.get":
				return this.generator();
			case "generator.set":
				this.generator();
				checkProfile(params);
				Object.assign(this.profile, params);
				return this.generator();
			case "generator.start":
			case "generator.stop":
				this.generator();
				this.generatorRuns = method.endsWith("start");
				return this.generator();
			default:
				throw new Refused(-32601, "", `no method ${method}`);
		}
	}
}
