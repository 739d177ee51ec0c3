// SPDX-License-Identifier: BSD-3-Clause
// What the ports send, per second.

import type { Generator, Port } from "../rpc/types";

export interface OutCounters {
	atMs: number;
	packets: number;
	bytes: number | null; // null: no port counts them
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

// Ring ports count no bytes; what they send comes from the generator, which does.
export function outCounters(
	ports: readonly Port[],
	generator: Generator | null,
	atMs: number,
): OutCounters {
	const packets = sum(ports.map((port) => port.opackets));
	const bytes = sum(ports.map((port) => port.obytes));
	const counted = bytes > 0 || packets === 0;
	return { atMs, packets, bytes: counted ? bytes : (generator?.bytes ?? null) };
}

export function outRates(
	now: OutCounters,
	before: OutCounters | null,
): { pps: number; bps: number | null } | null {
	if (!before || now.atMs - before.atMs < 500 || now.packets < before.packets) return null;
	const seconds = (now.atMs - before.atMs) / 1000;
	const known = now.bytes !== null && before.bytes !== null && now.bytes >= before.bytes;
	return {
		pps: (now.packets - before.packets) / seconds,
		bps: known ? (((now.bytes ?? 0) - (before.bytes ?? 0)) * 8) / seconds : null,
	};
}
