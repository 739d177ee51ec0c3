// SPDX-License-Identifier: BSD-3-Clause
// What travels over /ws, as the contract states it. Members that a server of another version may
// leave out are optional, so that the compiler makes every reader cope with their absence.

export interface SystemInfo {
	name?: string;
	appliance?: string;
	hostname?: string;
	version?: string;
	[member: string]: unknown;
}

export interface Processor {
	H: number; // percent
	T: number; // seconds
	k: number;
	X: number; // standard deviations
	running: boolean;
}

export type Metric = "bytes" | "packets" | "flows" | "peers" | "ports";

export type Op =
	| { type: "topk"; k: number }
	| { type: "share"; percent: number }
	| { type: "outlier"; x: number; method?: "sigma" | "mad" }
	| { type: "limit"; min?: number; max?: number; clear_after?: number };

export interface Row {
	key: string;
	value: number;
	share?: number; // 0 to 1
	error?: number; // how much `value` may overstate; of an estimate, to either side
	z?: number;
	swap?: boolean; // the rank may be exchanged with that of a neighbour
	previous_rank?: number | null; // from 1; null: had none
	name?: string; // of the key, in the address book
	country?: string;
	as?: number | { number?: number; org?: string };
}

export interface OutlierStats {
	mean?: number;
	sigma?: number;
	median?: number;
	mad?: number;
	max_z?: number;
	can_fire?: boolean;
}

export interface Result {
	type: "result";
	query: string;
	seq: number;
	key: string;
	metric: Metric;
	op: Op;
	window: { start_us: number; end_us: number };
	total: Partial<Record<Metric, number>> & { bytes: number; packets: number; flows: number };
	keys: number;
	stats?: OutlierStats;
	exact: boolean;
	rows: Row[];
}

export interface Query {
	name: string;
	key?: string;
	metric?: Metric;
	op?: Op;
	filter?: string;
	scope?: string;
	window_s?: number | null;
	slide_s?: number;
	prefix4?: number;
	prefix6?: number;
	paused?: boolean;
	builtin?: boolean;
}

export interface Port {
	port: number;
	name: string;
	driver: string;
	queues: number;
	spread?: string;
	ipackets: number;
	ibytes: number;
	opackets: number;
	obytes: number;
	imissed: number;
	dispatch_missed?: number;
	ierrors: number;
	rx_nombuf: number;
	link: string;
}

export interface Ledger {
	offered: number;
	received: number;
	received_bytes?: number;
	nic: { missed: number; errors: number; nombuf: number };
	flow_packets: number;
	flow_bytes: number;
	discarded: Record<string, number>;
	residual: number;
	detail_lost?: { packets: number; bytes: number };
}

export interface Stats {
	at_us?: number;
	ledger: Ledger;
	flows?: { created?: number; active?: number; ended?: Record<string, number> };
	workers?: unknown[];
	rates?: { pps?: number; bps?: number };
	[member: string]: unknown;
}

export interface Alert {
	type: "alert";
	query: string; // "limits" where a row of the limits table raised it
	limit_name?: string; // of that row
	key: string;
	name?: string; // of the key
	value: number;
	limit: number;
	state: "raised" | "cleared";
	at_us: number;
}

export type Popularity = { type: "uniform" } | { type: "zipf"; s: number };
export type Size =
	| { type: "fixed"; bytes: number }
	| { type: "uniform"; min: number; max: number }
	| { type: "imix" };

export type AddressRange = { net4: string; count: number } | { net6: string; count: number };

export interface Profile {
	rate_pps?: number;
	seed?: number;
	flows?: number;
	popularity?: Popularity;
	addresses?: (string | AddressRange)[] | AddressRange;
	address_weights?: number[] | null;
	protocols?: string[];
	protocol_weights?: number[] | null;
	size?: Size;
	events?: Record<string, unknown>[];
	[member: string]: unknown;
}

export interface Generator {
	running: boolean;
	sent: number;
	bytes: number;
	dropped: number;
	late: number;
	achieved_pps: number;
	latency?: Latency | null; // null: the profile stamps no packets
	profile: Profile;
}

// From the generator to the RX lcore, of packets with a time stamp.
export interface Latency {
	packets: number;
	p50_us: number;
	p99_us: number;
	p999_us: number;
	max_us: number;
	jitter_us: number;
}

export interface CalibratedQuery {
	query: string;
	windows: number;
	windows_missing: number;
	rows_expected: number;
	rows_found: number;
	precision: number;
	recall: number;
	count_error: number; // bytes
	total_error: number; // bytes
	rank_errors: number;
}

export interface CalibratedEvent {
	type: string;
	key: string;
	at_s: number;
	sent: boolean;
	before: boolean;
	query: string | null; // whose row was first; null: there was none
	slides: number | null;
	delay_ms: number | null;
	alert?: { query: string; before: boolean; delay_ms: number } | null;
}

export interface Calibration {
	state: "never" | "settling" | "running" | "draining" | "failed" | "done";
	seconds?: number;
	passed_s?: number;
	progress?: number; // 0 to 1
	error?: string; // failed
	// done
	exact?: boolean;
	sent?: number;
	received?: number;
	dropped?: number;
	late?: number;
	unreceived?: number;
	foreign?: number;
	achieved_pps?: number;
	queries?: CalibratedQuery[];
	events?: CalibratedEvent[];
}
