// SPDX-License-Identifier: BSD-3-Clause
// The last minutes of packets and bits per second, from the counters that come every second.

import type { Stats } from "../rpc/types";

export interface Sample {
	atMs: number;
	pps: number | null; // null: a gap, nothing is known about this time
	bps: number | null;
	outPps: number | null; // what the ports send; null: not known
	outBps: number | null;
}

// Two samples further apart than this have a gap between them.
const GAP_MS = 3500;

export function receivedBytes(stats: Stats): number {
	return stats.ledger.received_bytes ?? stats.ledger.flow_bytes;
}

// The rates of `now`: the server's own where it gives them, else from the counters' difference.
export function ratesOf(
	now: Stats,
	nowMs: number,
	before: { stats: Stats; atMs: number } | null,
): { pps: number; bps: number } | null {
	const { pps, bps } = now.rates ?? {};
	if (pps !== undefined && bps !== undefined) return { pps, bps };
	if (!before || nowMs <= before.atMs) return null;
	const seconds = (nowMs - before.atMs) / 1000;
	const packets = now.ledger.received - before.stats.ledger.received;
	const bytes = receivedBytes(now) - receivedBytes(before.stats);
	return packets < 0 || bytes < 0 ? null : { pps: packets / seconds, bps: (bytes * 8) / seconds };
}

export function appendSample(
	samples: readonly Sample[],
	sample: Sample,
	keepMs: number,
): readonly Sample[] {
	const last = samples[samples.length - 1];
	// The server's clock was set back, or a second server answers: what was is not comparable.
	if (last && sample.atMs <= last.atMs) {
		return sample.atMs > last.atMs - 1000 ? samples : [sample];
	}
	const hole = { pps: null, bps: null, outPps: null, outBps: null };
	const gap = last && sample.atMs - last.atMs > GAP_MS;
	const oldest = sample.atMs - keepMs;
	const kept = samples.filter((s) => s.atMs >= oldest);
	return gap ? [...kept, { atMs: last.atMs + 1, ...hole }, sample] : [...kept, sample];
}

// The sample of a moment, null where there is none or a gap.
export function sampleAt(samples: readonly Sample[], atMs: number): Sample | null {
	const found = samples.findLast((sample) => sample.atMs <= atMs);
	return found && found.pps !== null ? found : null;
}
