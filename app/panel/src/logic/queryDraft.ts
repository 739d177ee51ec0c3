// SPDX-License-Identifier: BSD-3-Clause
// Between a query and the fields of its form. The server has the last word on what is allowed; here
// only numbers are read, so that its answer can name the rest.

import type { Op, Query } from "../rpc/types";
import { formatPlain } from "./format";
import { type Parsed, parseNumber, type Range, ranges } from "./validate";

export const KEYS = [
	"protocol", "ip_proto", "ip", "src_ip", "dst_ip", "ip_pair", "src_dst_ip", "flow", "src_port", "dst_port",
	"vlan", "src_mac", "dst_mac", "subnet", "total",
] as const;
export const METRICS = ["bytes", "packets", "flows"] as const;
// Distinct counts, where the server has them.
export const DISTINCT = ["peers", "ports"] as const;
export const SCOPES = ["all", "external", "in", "out", "internal"] as const;
export const OPS = ["topk", "share", "outlier", "limit"] as const;

export interface QueryDraft {
	name: string;
	key: string;
	prefix4: string;
	prefix6: string;
	metric: string;
	scope: string;
	op: string;
	k: string;
	percent: string;
	x: string;
	method: string;
	min: string;
	max: string;
	clear_after: string;
	window_s: string;
	slide_s: string;
	filter: string;
}

export type QueryField = keyof QueryDraft;
export type QueryErrors = Partial<Record<QueryField, string>>;

const SECONDS: Range = { min: 0, max: 3600, aboveMin: true };
const BOUND: Range = { min: 0, max: Infinity };
const WINDOWS: Range = { min: 1, max: 1e9, integer: true };

const EMPTY: QueryDraft = {
	name: "", key: "ip", prefix4: "24", prefix6: "64", metric: "bytes", scope: "all", op: "topk",
	k: "10", percent: "10", x: "2", method: "sigma", min: "", max: "", clear_after: "1",
	window_s: "10", slide_s: "", filter: "",
};

function text(n: number | undefined, otherwise: string): string {
	return n === undefined ? otherwise : formatPlain(n);
}

function opDraft(op: Op | undefined): Partial<QueryDraft> {
	switch (op?.type) {
		case "topk":
			return { op: op.type, k: text(op.k, EMPTY.k) };
		case "share":
			return { op: op.type, percent: text(op.percent, EMPTY.percent) };
		case "outlier":
			return { op: op.type, x: text(op.x, EMPTY.x), method: op.method ?? "sigma" };
		case "limit":
			return {
				op: op.type,
				min: text(op.min, ""),
				max: text(op.max, ""),
				clear_after: text(op.clear_after, EMPTY.clear_after),
			};
		default:
			return {};
	}
}

// The fields of a query, or of a new one.
export function queryDraftOf(query: Query | null): QueryDraft {
	if (!query) return EMPTY;
	return {
		...EMPTY,
		name: query.name,
		key: query.key ?? EMPTY.key,
		metric: query.metric ?? EMPTY.metric,
		scope: query.scope ?? EMPTY.scope,
		prefix4: text(query.prefix4, EMPTY.prefix4),
		prefix6: text(query.prefix6, EMPTY.prefix6),
		window_s: text(query.window_s ?? undefined, ""),
		slide_s: text(query.slide_s, ""),
		filter: query.filter ?? "",
		...opDraft(query.op),
	};
}

// A draft from the address, as "make it a query" leaves it there.
export function draftFromParams(params: Readonly<Record<string, string>>): QueryDraft {
	const known = Object.keys(EMPTY).filter((field) => params[field] !== undefined);
	return { ...EMPTY, ...Object.fromEntries(known.map((field) => [field, params[field]])) };
}

class Reader {
	readonly errors: QueryErrors = {};

	constructor(private readonly draft: QueryDraft) {}

	number(field: QueryField, range: Range): number | undefined {
		const parsed: Parsed<number> = parseNumber(this.draft[field], range);
		if (parsed.ok) return parsed.value;
		this.errors[field] = parsed.error;
		return undefined;
	}

	// An empty field is left out.
	optional(field: QueryField, range: Range): number | undefined {
		return this.draft[field].trim() === "" ? undefined : this.number(field, range);
	}
}

function readOp(draft: QueryDraft, reader: Reader): Record<string, unknown> {
	switch (draft.op) {
		case "topk":
			return { type: "topk", k: reader.number("k", ranges.k) };
		case "share":
			return { type: "share", percent: reader.number("percent", ranges.H) };
		case "outlier":
			return { type: "outlier", x: reader.number("x", ranges.X), method: draft.method };
		default:
			return {
				type: draft.op,
				min: reader.optional("min", BOUND),
				max: reader.optional("max", BOUND),
				clear_after: reader.optional("clear_after", WINDOWS),
			};
	}
}

// The query that a draft describes; JSON leaves undefined members out.
export function readQuery(draft: QueryDraft): { query: Record<string, unknown>; errors: QueryErrors } {
	const reader = new Reader(draft);
	const subnet = draft.key === "subnet";
	const query = {
		name: draft.name.trim() === "" ? undefined : draft.name.trim(),
		key: draft.key,
		prefix4: subnet ? reader.optional("prefix4", { min: 0, max: 32, integer: true }) : undefined,
		prefix6: subnet ? reader.optional("prefix6", { min: 0, max: 128, integer: true }) : undefined,
		metric: draft.metric,
		scope: draft.scope,
		op: readOp(draft, reader),
		window_s: reader.optional("window_s", SECONDS) ?? null,
		slide_s: reader.optional("slide_s", SECONDS),
		filter: draft.filter.trim() === "" ? undefined : draft.filter.trim(),
	};
	return { query, errors: reader.errors };
}

// The field that shows an error which the server names by its path.
export function queryFieldOf(path: string): QueryField | null {
	const last = path.replace(/^op\./, "");
	if (last === "type") return "op";
	return Object.hasOwn(EMPTY, last) ? (last as QueryField) : null;
}
