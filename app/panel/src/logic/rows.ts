// SPDX-License-Identifier: BSD-3-Clause
// What a row says besides its value.

import type { Row } from "../rpc/types";

export function asText(as: Row["as"]): string {
	if (as === undefined) return "";
	if (typeof as === "number") return `AS${as}`;
	return [as.number === undefined ? "" : `AS${as.number}`, as.org ?? ""].filter(Boolean).join(" ");
}

export type RankChange =
	| { kind: "unknown" }
	| { kind: "same" }
	| { kind: "entered" }
	| { kind: "rose" | "fell"; from: number };

// Against the window before: the server's word where it gives one, else what the panel has kept.
export function rankChange(
	row: Row,
	rank: number,
	before: ReadonlyMap<string, number> | null,
): RankChange {
	const told = row.previous_rank;
	if (told === undefined && before === null) return { kind: "unknown" };
	const from = told === undefined ? before?.get(row.key) : (told ?? undefined);
	if (from === undefined) return { kind: "entered" };
	if (from === rank) return { kind: "same" };
	return { kind: from > rank ? "rose" : "fell", from };
}
