// SPDX-License-Identifier: BSD-3-Clause
// Between the generator's profile and the fields of its form. A draft holds what the fields show;
// only the members of the profile that a person changed are sent.

import type { AddressRange, Profile, Size } from "../rpc/types";
import { texts } from "../texts";
import { formatEvents, parseEvents } from "./events";
import { formatPlain } from "./format";
import {
	formatRate,
	formatWeighted,
	isAddress,
	isProtocolName,
	type Parsed,
	parseNet,
	parseNumber,
	parseRate,
	parseWeighted,
} from "./validate";

export interface Draft {
	rate_pps: string;
	flows: string;
	popularity: string;
	popularity_s: string;
	size: string;
	size_bytes: string;
	size_min: string;
	size_max: string;
	source: string; // "list" or "net"
	net: string;
	count: string;
	addresses: string;
	protocols: string;
	events: string;
}

export type DraftField = keyof Draft;
export type DraftErrors = Partial<Record<DraftField, string>>;

const SIZE_RANGE = { min: 60, max: 9000, integer: true };
const FLOWS_RANGE = { min: 1, max: 1048576, integer: true };
const COUNT_RANGE = { min: 1, max: 1048576, integer: true };
const ZIPF_RANGE = { min: 0, max: 5 };

function text(n: number | undefined, otherwise: number): string {
	return formatPlain(n ?? otherwise);
}

export function draftOf(profile: Profile): Draft {
	const { popularity, size, addresses } = profile;
	const range = addresses !== undefined && !Array.isArray(addresses) ? addresses : undefined;
	const list = Array.isArray(addresses) ? addresses : [];
	return {
		rate_pps: profile.rate_pps === undefined ? "" : formatRate(profile.rate_pps),
		flows: text(profile.flows, 1),
		popularity: popularity?.type ?? "uniform",
		popularity_s: text(popularity?.type === "zipf" ? popularity.s : undefined, 1.1),
		size: size?.type ?? "imix",
		size_bytes: text(size?.type === "fixed" ? size.bytes : undefined, 64),
		size_min: text(size?.type === "uniform" ? size.min : undefined, 64),
		size_max: text(size?.type === "uniform" ? size.max : undefined, 1518),
		source: range ? "net" : "list",
		net: range ? netOf(range) : "10.0.0.0/16",
		count: text(range?.count, 1000),
		addresses: formatWeighted(list.map(formatEntry), profile.address_weights),
		protocols: formatWeighted(profile.protocols ?? [], profile.protocol_weights),
		events: formatEvents(profile.events),
	};
}

function netOf(range: AddressRange): string {
	return "net4" in range ? range.net4 : range.net6;
}

function netRange(net: string, count: number): AddressRange {
	return net.includes(":") ? { net6: net, count } : { net4: net, count };
}

// An entry of the address list is an address, or a network with the number of addresses taken
// from it: 10.0.0.0/16*5000.
function formatEntry(entry: string | AddressRange): string {
	return typeof entry === "string" ? entry : `${netOf(entry)}*${entry.count}`;
}

function readEntry(text: string): string | AddressRange {
	const [net = "", count] = text.split("*");
	return count === undefined ? text : netRange(net, Number(count));
}

function isEntry(text: string): boolean {
	const [net = "", count, ...rest] = text.split("*");
	if (count === undefined) return isAddress(net);
	return rest.length === 0 && parseNet(net).ok && parseNumber(count, COUNT_RANGE).ok;
}

// Collects the errors of the fields while the changes are put together.
class Reader {
	readonly errors: DraftErrors = {};

	read<T>(field: DraftField, parsed: Parsed<T>): T | undefined {
		if (parsed.ok) return parsed.value;
		this.errors[field] = parsed.error;
		return undefined;
	}
}

function readSize(draft: Draft, reader: Reader): Size | undefined {
	if (draft.size === "imix") return { type: "imix" };
	if (draft.size === "fixed") {
		const bytes = reader.read("size_bytes", parseNumber(draft.size_bytes, SIZE_RANGE));
		return bytes === undefined ? undefined : { type: "fixed", bytes };
	}
	const min = reader.read("size_min", parseNumber(draft.size_min, SIZE_RANGE));
	const max = reader.read("size_max", parseNumber(draft.size_max, SIZE_RANGE));
	if (min === undefined || max === undefined) return undefined;
	if (max < min) reader.errors.size_max = texts.invalid.order;
	return { type: "uniform", min, max };
}

function readAddresses(draft: Draft, reader: Reader, changes: Profile): void {
	if (draft.source === "net") {
		const net = reader.read("net", parseNet(draft.net));
		const count = reader.read("count", parseNumber(draft.count, COUNT_RANGE));
		if (net === undefined || count === undefined) return;
		changes.addresses = netRange(net, count);
		changes.address_weights = null;
		return;
	}
	const list = reader.read("addresses", parseWeighted(draft.addresses, isEntry));
	if (!list) return;
	changes.addresses = list.names.map(readEntry);
	changes.address_weights = list.weights;
}

function readPopularity(draft: Draft, reader: Reader, changes: Profile): void {
	if (draft.popularity !== "zipf") {
		changes.popularity = { type: "uniform" };
		return;
	}
	const s = reader.read("popularity_s", parseNumber(draft.popularity_s, ZIPF_RANGE));
	if (s !== undefined) changes.popularity = { type: "zipf", s };
}

// The members of the profile that `draft` changes against `base`, or what is wrong by field.
export function changesOf(
	draft: Draft,
	base: Draft,
): { changes: Profile; errors: DraftErrors } {
	const reader = new Reader();
	const changes: Profile = {};
	const differs = (...fields: DraftField[]) => fields.some((f) => draft[f] !== base[f]);

	if (differs("rate_pps")) {
		const rate = reader.read("rate_pps", parseRate(draft.rate_pps));
		if (rate !== undefined) changes.rate_pps = rate;
	}
	if (differs("flows")) {
		const flows = reader.read("flows", parseNumber(draft.flows, FLOWS_RANGE));
		if (flows !== undefined) changes.flows = flows;
	}
	if (differs("popularity", "popularity_s")) readPopularity(draft, reader, changes);
	if (differs("size", "size_bytes", "size_min", "size_max")) {
		const size = readSize(draft, reader);
		if (size) changes.size = size;
	}
	if (differs("source", "net", "count", "addresses")) readAddresses(draft, reader, changes);
	if (differs("protocols")) {
		const list = reader.read("protocols", parseWeighted(draft.protocols, isProtocolName));
		if (list) {
			changes.protocols = list.names;
			changes.protocol_weights = list.weights;
		}
	}
	if (differs("events")) {
		const events = reader.read("events", parseEvents(draft.events));
		if (events) changes.events = events;
	}
	return { changes, errors: reader.errors };
}

// The field of the form that shows an error the server names by its path in the profile.
export function fieldOfPath(path: string, draft: Draft): DraftField | null {
	const [first = "", second = ""] = path
		.replace(/^\$?\.?/, "")
		.replace(/^(profile|generator)\./, "")
		.split(/[.[\]]+/);
	switch (first) {
		case "rate_pps":
		case "flows":
		case "events":
			return first;
		case "popularity":
			return second === "s" ? "popularity_s" : "popularity";
		case "size":
			return second === "bytes" || second === "min" || second === "max"
				? `size_${second}`
				: "size";
		case "addresses":
		case "address_weights":
			if (draft.source !== "net") return "addresses";
			return second === "net4" || second === "net6" ? "net" : "count";
		case "protocols":
		case "protocol_weights":
			return "protocols";
		default:
			return null;
	}
}
