// SPDX-License-Identifier: BSD-3-Clause
// The rule of an outlier query, as numbers and words.

import type { OutlierStats } from "../rpc/types";

export interface OutlierRule {
	centre: number; // mean, or median
	threshold: number; // a value above it is an outlier
}

// The consistency factor that makes the MAD of normal data equal its sigma.
const MAD_FACTOR = 1.4826;

export function outlierRule(
	x: number,
	method: "sigma" | "mad",
	stats: OutlierStats | undefined,
): OutlierRule | null {
	const centre = method === "mad" ? stats?.median : stats?.mean;
	const spread = method === "mad" ? stats?.mad : stats?.sigma;
	if (centre === undefined || spread === undefined) return null;
	const unit = method === "mad" ? MAD_FACTOR * spread : spread;
	return { centre, threshold: centre + x * unit };
}

// The largest z that one of n values can have, with the population's sigma: all others equal.
export function largestPossibleZ(n: number): number {
	return n > 1 ? Math.sqrt(n - 1) : 0;
}
