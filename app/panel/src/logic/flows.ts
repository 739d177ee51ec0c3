// SPDX-License-Identifier: BSD-3-Clause
// Flows that live now: what is asked for, as it stands in the address, and how records are read.

export interface Summary {
	min: number;
	max: number;
	mean: number;
	std: number;
}

export interface FlowPart {
	packets: number;
	bytes: number;
	l3_bytes: number;
	tcp_flags: number;
	size: Summary;
	iat_us: Summary;
	ttl?: { min: number; max: number };
}

export interface Flow {
	src: string;
	sport: number;
	dst: string;
	dport: number;
	proto: number;
	vlan: number[];
	tunnel?: { type: string; src: string; dst: string; id: number | null; depth: number };
	app: string;
	first_us: number;
	last_us: number;
	worker: number;
	fwd: FlowPart;
	rev: FlowPart;
	bidir: FlowPart;
}

export interface FlowList {
	taken: { from_us: number; to_us: number };
	total: number;
	matched: number;
	shown: number;
	packets: number;
	bytes: number;
	flows: Flow[];
}

export const SORTS = ["bytes", "packets", "last", "first", "duration"] as const;
export const ORDERS = ["desc", "asc"] as const;
export const LIMITS = [25, 100, 500] as const;

export interface FlowChoice {
	filter: string;
	sort: (typeof SORTS)[number];
	order: (typeof ORDERS)[number];
	limit: number;
	paused: boolean;
	flow: string | null; // whose record is open
}

function oneOf<T>(list: readonly T[], value: unknown, otherwise: T): T {
	return list.find((item) => item === value) ?? otherwise;
}

export function flowChoiceOf(params: Readonly<Record<string, string>>): FlowChoice {
	return {
		filter: params.filter ?? "",
		sort: oneOf(SORTS, params.sort as FlowChoice["sort"], "bytes"),
		order: oneOf(ORDERS, params.order as FlowChoice["order"], "desc"),
		limit: oneOf<number>(LIMITS, Number(params.limit), LIMITS[0]),
		paused: params.paused === "1",
		flow: params.flow ?? null,
	};
}

export function endText(address: string, port: number): string {
	const host = address.includes(":") ? `[${address}]` : address;
	return port === 0 ? address : `${host}:${port}`;
}

// Names a flow among those that live: its key as text, and when it began.
export function flowId(flow: Flow): string {
	const tunnel = flow.tunnel ? ` ${flow.tunnel.type}/${flow.tunnel.depth}/${flow.tunnel.id ?? ""}` : "";
	return `${flow.proto} ${endText(flow.src, flow.sport)} ${endText(flow.dst, flow.dport)} ${flow.vlan.join(".")}${tunnel} ${flow.first_us}`;
}

export function durationS(flow: Flow): number {
	return Math.max(0, flow.last_us - flow.first_us) / 1e6;
}

// Widths of a flow's two bars, 0 to 1: the largest flow that is shown fills the place.
export function barsOf(flow: Flow, largest: number): { there: number; back: number } {
	const of = (part: FlowPart) => (largest > 0 ? part.bytes / largest : 0);
	return { there: of(flow.fwd), back: of(flow.rev) };
}

const FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"] as const;

export function flagsText(bits: number): string {
	return FLAGS.filter((_, i) => (bits >> i) & 1).join(" ");
}

// A pcap-filter that only this pair of ends passes, in either direction.
export function filterOf({ src, dst, sport, dport }: Flow): string {
	const ports = sport === 0 && dport === 0 ? "" : ` and port ${sport} and port ${dport}`;
	return `host ${src} and host ${dst}${ports}`;
}
