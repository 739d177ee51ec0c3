// SPDX-License-Identifier: BSD-3-Clause
// Between a row of the limits table and the fields of its form.

import { formatPlain } from "./format";
import { parseNumber, type Range } from "./validate";

export interface Limit {
	limit_name: string;
	source?: string;
	destination?: string;
	min_bytes?: number;
	max_bytes?: number;
	window_s?: number;
	effective_date?: string;
	clear_after?: number;
	origin?: string; // "file" or "rpc"
	state?: string; // "holds", "waits", "past"
}

const NUMBERS = {
	min_bytes: { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true },
	max_bytes: { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true },
	window_s: { min: 1, max: 86400, integer: true },
	clear_after: { min: 1, max: 1000, integer: true },
} satisfies Record<string, Range>;
const TEXTS = ["limit_name", "source", "destination", "effective_date"] as const;

type NumberField = keyof typeof NUMBERS;
export type LimitField = NumberField | (typeof TEXTS)[number];
export type LimitDraft = Record<LimitField, string>;

const NUMBER_FIELDS = Object.keys(NUMBERS) as NumberField[];

const EMPTY: LimitDraft = {
	limit_name: "", source: "", destination: "", min_bytes: "", max_bytes: "", window_s: "300",
	effective_date: "", clear_after: "1",
};

export function limitDraftOf(limit: Limit | null): LimitDraft {
	if (!limit) return EMPTY;
	const draft: LimitDraft = { ...EMPTY };
	for (const field of TEXTS) draft[field] = limit[field] ?? "";
	for (const field of NUMBER_FIELDS) {
		const value = limit[field];
		draft[field] = value === undefined ? "" : formatPlain(value);
	}
	return draft;
}

// The row that a draft describes, without what is empty.
export function readLimit(draft: LimitDraft): {
	limit: Partial<Limit>;
	errors: Partial<Record<LimitField, string>>;
} {
	const limit: Partial<Limit> = {};
	const errors: Partial<Record<LimitField, string>> = {};
	for (const field of TEXTS) {
		if (draft[field].trim() !== "") limit[field] = draft[field].trim();
	}
	for (const field of NUMBER_FIELDS) {
		if (draft[field].trim() === "") continue;
		const parsed = parseNumber(draft[field], NUMBERS[field]);
		if (parsed.ok) limit[field] = parsed.value;
		else errors[field] = parsed.error;
	}
	return { limit, errors };
}

// "rows[0].max_bytes", "limit.source"
export function limitFieldOf(path: string): LimitField | null {
	const last = path.replace(/^(rows\[\d+\]|limit)\./, "");
	return Object.hasOwn(EMPTY, last) ? (last as LimitField) : null;
}

// One row of the table: a name has one for each date.
export function limitId({ limit_name: name, effective_date: date }: Limit): string {
	return date === undefined ? name : `${name} ${date}`;
}
