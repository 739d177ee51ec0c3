// SPDX-License-Identifier: BSD-3-Clause
// Daily totals of hosts, as History draws them: a column a day (UTC), the largest hosts told apart.

export interface Daily {
	day: string; // "2026-11-27"
	host: string;
	inBytes: number;
	inPackets: number;
	outBytes: number;
	outPackets: number;
}

export interface HostDays {
	host: string;
	inBytes: number[]; // by day
	outBytes: number[];
}

export interface Days {
	days: string[];
	hosts: HostDays[]; // largest first
	rest: HostDays | null; // all others together
	count: number; // of hosts
}

export interface HostSum {
	host: string;
	inBytes: number;
	inPackets: number;
	outBytes: number;
	outPackets: number;
}

const DAY_MS = 86_400_000;
const DAYS_USUAL = 7;

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

// A day that exists, in the only form that the server takes.
export function isDay(text: string): boolean {
	const ms = Date.parse(`${text}T00:00:00Z`);
	return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(ms) && dayOf(ms) === text;
}

export interface Range {
	from: string;
	to: string;
}

// What the address says; without it the last week.
export function rangeOf(params: Readonly<Record<string, string>>, nowMs: number): Range {
	return {
		from: params.from ?? dayOf(nowMs - (DAYS_USUAL - 1) * DAY_MS),
		to: params.to ?? dayOf(nowMs),
	};
}

// All days from the first to the last with totals, also those without any.
function daysBetween(totals: readonly Daily[]): string[] {
	const seen = totals.map(({ day }) => day).sort();
	const [first, last] = [seen[0], seen[seen.length - 1]];
	if (first === undefined || last === undefined) return [];
	const days: string[] = [];
	for (let ms = Date.parse(first); ms <= Date.parse(last); ms += DAY_MS) days.push(dayOf(ms));
	return days;
}

export function sumsOf(totals: readonly Daily[]): HostSum[] {
	const sums = new Map<string, HostSum>();
	for (const { host, inBytes, inPackets, outBytes, outPackets } of totals) {
		const sum = sums.get(host) ?? { host, inBytes: 0, inPackets: 0, outBytes: 0, outPackets: 0 };
		sum.inBytes += inBytes;
		sum.inPackets += inPackets;
		sum.outBytes += outBytes;
		sum.outPackets += outPackets;
		sums.set(host, sum);
	}
	const size = ({ inBytes, outBytes }: HostSum) => inBytes + outBytes;
	return [...sums.values()].sort((a, b) => size(b) - size(a) || (a.host < b.host ? -1 : 1));
}

export function daysOf(totals: readonly Daily[], top: number): Days {
	const days = daysBetween(totals);
	const at = new Map(days.map((day, i) => [day, i]));
	const order = sumsOf(totals);
	const empty = (host: string): HostDays => ({
		host,
		inBytes: days.map(() => 0),
		outBytes: days.map(() => 0),
	});
	const hosts = order.slice(0, top).map(({ host }) => empty(host));
	const named = new Map(hosts.map((one) => [one.host, one]));
	const rest = order.length > top ? empty("") : null;
	for (const { day, host, inBytes, outBytes } of totals) {
		const one = named.get(host) ?? rest;
		const i = at.get(day) as number;
		if (!one) continue;
		one.inBytes[i] = (one.inBytes[i] ?? 0) + inBytes;
		one.outBytes[i] = (one.outBytes[i] ?? 0) + outBytes;
	}
	return { days, hosts, rest, count: order.length };
}

export function dailyCsv(totals: readonly Daily[]): string {
	const lines = totals.map(({ day, host, inBytes, inPackets, outBytes, outPackets }) =>
		[day, host, inBytes, inPackets, outBytes, outPackets].join(","),
	);
	return ["day,host,inBytes,inPackets,outBytes,outPackets", ...lines].map((line) => `${line}\r\n`).join("");
}
