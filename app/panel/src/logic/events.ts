// SPDX-License-Identifier: BSD-3-Clause
// Events of a profile as lines: the type, then its members as name=value. Which types and members
// there are is the server's to say.
//
//   surge at_s=30 for_s=10 key=53.215.218.189 factor=20

import { texts } from "../texts";
import type { Parsed } from "./validate";

export type ProfileEvent = Record<string, unknown>;

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

export function formatEvents(events: readonly ProfileEvent[] | undefined): string {
	return (events ?? [])
		.map(({ type, ...members }) =>
			[type, ...Object.entries(members).map(([name, value]) => `${name}=${String(value)}`)].join(" "),
		)
		.join("\n");
}

function parseLine(line: string): ProfileEvent | null {
	const [type = "", ...words] = line.trim().split(/\s+/);
	const event: ProfileEvent = { type };
	for (const word of words) {
		const at = word.indexOf("=");
		if (at < 1) return null;
		const value = word.slice(at + 1);
		event[word.slice(0, at)] = NUMBER.test(value) ? Number(value) : value;
	}
	return type.includes("=") ? null : event;
}

export function parseEvents(text: string): Parsed<ProfileEvent[]> {
	const events: ProfileEvent[] = [];
	for (const [index, line] of text.split("\n").entries()) {
		if (line.trim() === "") continue;
		const event = parseLine(line);
		if (!event) return { ok: false, error: texts.invalid.line(index + 1, texts.invalid.event) };
		events.push(event);
	}
	return { ok: true, value: events };
}
