// SPDX-License-Identifier: BSD-3-Clause
// Why a result has no rows, and what could be done.

import { largestPossibleZ } from "../logic/outlier";
import type { Result } from "../rpc/types";
import { texts } from "../texts";

const t = texts.results;

export interface Situation {
	running: boolean; // the processor
	generatorStopped: boolean; // there is one, and it stands
}

export interface Explanation {
	what: string;
	help?: string;
}

function noTraffic(situation: Situation): Explanation {
	if (!situation.running) return { what: t.noTraffic, help: t.noTrafficStopped };
	if (situation.generatorStopped) return { what: t.noTraffic, help: t.noTrafficGenerator };
	return { what: t.noTraffic, help: t.noTrafficOther };
}

function noOutlier(result: Result, x: number, method: "sigma" | "mad"): Explanation {
	if (result.stats?.can_fire === false) {
		return {
			what:
				method === "mad"
					? t.cannotFireMad(result.key, result.keys)
					: t.cannotFire(result.key, result.keys, x, result.stats.max_z ?? largestPossibleZ(result.keys)),
		};
	}
	return { what: t.noOutlier(t.rule(x, method)) };
}

// null where there are rows: nothing needs an explanation.
export function explainEmpty(result: Result, situation: Situation): Explanation | null {
	if (result.rows.length > 0) return null;
	if (result.total.packets === 0) return noTraffic(situation);
	const { op } = result;
	switch (op.type) {
		case "share":
			return { what: t.noShare(result.key, op.percent) };
		case "outlier":
			return noOutlier(result, op.x, op.method ?? "sigma");
		default:
			return { what: t.noRows };
	}
}
