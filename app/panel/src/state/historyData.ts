// SPDX-License-Identifier: BSD-3-Clause
// Asks for what History shows.

import type { Daily, Range } from "../logic/days";
import { call } from "./panel";

export interface DailyFound {
	totals: Daily[];
	cut: boolean; // there are more
	source: string;
	missing: string | null;
}

interface DailyPage {
	totals: Daily[];
	cursor: string | null;
	source: string;
	partial: boolean;
	missing?: string;
}

const PAGE = 5000;
export const TOTALS_MOST = 50_000;

export async function dailyTotals({ from, to }: Range, host: string): Promise<DailyFound> {
	const found: DailyFound = { totals: [], cut: false, source: "local", missing: null };
	let cursor: string | null = null;
	do {
		const page: DailyPage = await call<DailyPage>("daily.list", {
			from,
			to,
			limit: PAGE,
			source: "auto",
			...(host === "" ? {} : { host }),
			...(cursor === null ? {} : { cursor }),
		});
		found.totals.push(...page.totals);
		if (page.source === "mongodb") found.source = page.source;
		found.missing ??= page.partial ? (page.missing ?? "") : null;
		// A page that lacks a part would be asked for again.
		cursor = page.partial && page.totals.length < PAGE ? null : page.cursor;
		found.cut = cursor !== null && found.totals.length >= TOTALS_MOST;
	} while (cursor !== null && !found.cut);
	return found;
}
