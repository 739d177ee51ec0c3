// SPDX-License-Identifier: BSD-3-Clause
// Reading what a person typed. The ranges are the server's, which has the last word; they are
// repeated here so that most mistakes are named before anything is sent.

import { texts } from "../texts";
import { formatPlain } from "./format";

export type Parsed<T> = { ok: true; value: T } | { ok: false; error: string };

const bad = (error: string): { ok: false; error: string } => ({ ok: false, error });
const good = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });

export interface Range {
	min: number;
	max: number;
	integer?: boolean;
	aboveMin?: boolean; // min itself is not allowed
}

export const ranges = {
	H: { min: 0, max: 100, aboveMin: true },
	T: { min: 1, max: 3600, integer: true },
	k: { min: 1, max: 1000, integer: true },
	X: { min: 0, max: 1000, aboveMin: true },
} satisfies Record<string, Range>;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export function parseNumber(text: string, range: Range): Parsed<number> {
	const trimmed = text.trim();
	if (trimmed === "") return bad(texts.invalid.empty(describeRange(range)));
	if (!NUMBER.test(trimmed)) return bad(texts.invalid.notNumber(describeRange(range)));
	const value = Number(trimmed);
	if (range.integer && !Number.isInteger(value)) {
		return bad(texts.invalid.notInteger(describeRange(range)));
	}
	const low = range.aboveMin ? value <= range.min : value < range.min;
	if (low || value > range.max || !Number.isFinite(value)) {
		return bad(texts.invalid.outOfRange(describeRange(range)));
	}
	return good(value);
}

export function describeRange(range: Range): string {
	if (range.max === Infinity) {
		return range.aboveMin ? texts.range.above(range.min) : texts.range.atLeast(range.min);
	}
	return range.aboveMin
		? texts.range.aboveUpTo(range.min, range.max)
		: texts.range.fromTo(range.min, range.max);
}

const RATE = /^(\d+\.?\d*|\.\d+)\s*([kmg]?)(?:\s*(?:pps|p\/s))?$/i;
const RATE_MAX = 1e9;
const FACTOR: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

// "2mpps", "2 Mpps", "500k", "1500000": packets per second. "max" and 0 are as fast as possible.
export function parseRate(text: string): Parsed<number> {
	const trimmed = text.trim().replace(/[_,\s](?=\d)/g, "");
	if (/^max$/i.test(trimmed)) return good(0);
	const match = RATE.exec(trimmed);
	if (!match) return bad(texts.invalid.rate);
	const value = Number(match[1]) * (FACTOR[(match[2] ?? "").toLowerCase()] ?? 1);
	const whole = Math.round(value);
	return whole > RATE_MAX ? bad(texts.invalid.rate) : good(whole);
}

// The shortest form that parseRate() reads back unchanged.
export function formatRate(pps: number): string {
	if (pps === 0) return "max";
	for (const [factor, unit] of [
		[1e9, "gpps"],
		[1e6, "mpps"],
		[1e3, "kpps"],
	] as const) {
		const scaled = pps / factor;
		if (pps >= factor && Number(scaled.toFixed(3)) === scaled) return `${scaled}${unit}`;
	}
	return `${pps}pps`;
}

export interface Weighted {
	names: string[];
	weights: number[] | null; // null: no line had one
}

// One entry a line: a name, then perhaps its weight. Either every line has a weight or none.
export function parseWeighted(text: string, isName: (name: string) => boolean): Parsed<Weighted> {
	const names: string[] = [];
	const weights: number[] = [];
	const seen = new Set<string>();
	for (const [index, line] of text.split("\n").entries()) {
		const words = line.trim().split(/[\s,;]+/).filter((word) => word !== "");
		const [name, weight, ...rest] = words;
		if (name === undefined) continue;
		if (rest.length > 0) return bad(texts.invalid.line(index + 1, texts.invalid.tooManyWords));
		if (!isName(name)) return bad(texts.invalid.line(index + 1, texts.invalid.badName(name)));
		if (seen.has(name)) return bad(texts.invalid.line(index + 1, texts.invalid.twice(name)));
		seen.add(name);
		names.push(name);
		if (weight === undefined) continue;
		const parsed = parseNumber(weight, { min: 0, max: Infinity });
		if (!parsed.ok) return bad(texts.invalid.line(index + 1, texts.invalid.badWeight(weight)));
		weights.push(parsed.value);
	}
	if (names.length === 0) return bad(texts.invalid.noLines);
	if (weights.length === 0) return good({ names, weights: null });
	if (weights.length !== names.length) return bad(texts.invalid.someWeights);
	if (!weights.some((weight) => weight > 0)) return bad(texts.invalid.noWeight);
	return good({ names, weights });
}

export function formatWeighted(names: string[], weights: number[] | null | undefined): string {
	return names
		.map((name, index) => {
			const weight = weights?.[index];
			return weight === undefined ? name : `${name} ${formatPlain(weight)}`;
		})
		.join("\n");
}

const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

export function isIpv4(text: string): boolean {
	return IPV4.test(text);
}

// Rough on purpose: the server knows all forms of an IPv6 address.
export function isAddress(text: string): boolean {
	return isIpv4(text) || (/^[0-9a-f:.]+$/i.test(text) && text.split(":").length > 2);
}

// "10.0.0.0/16" or "2001:db8::/64"
export function parseNet(text: string): Parsed<string> {
	const [address = "", length = "", ...rest] = text.trim().split("/");
	const bits = /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
	const fits = isIpv4(address) ? bits <= 32 : isAddress(address) && bits <= 128;
	return fits && rest.length === 0 ? good(`${address}/${bits}`) : bad(texts.invalid.net);
}

export function isProtocolName(text: string): boolean {
	return /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,31}$/.test(text);
}
