// SPDX-License-Identifier: BSD-3-Clause
// Help for a filter while it is typed: which words may follow, by what the last one begins with.

export type FilterWord = readonly [word: string, example: string, meaning: string];

const SHOWN = 8;
// After these comes a value, which no list can know.
const TAKES_VALUE = /\b(host|net|port|portrange|proto|vlan|greater|less)\s+\S*$/;
const CONNECTIVES = new Set(["and", "or"]);

// How many characters at the end of the text are the beginning of the word: "dst po" of "dst port".
function begun(text: string, word: string): number {
	for (let n = Math.min(word.length, text.length); n > 0; n--) {
		const whole = n === text.length || /[\s(!]/.test(text.charAt(text.length - n - 1));
		if (whole && word.startsWith(text.slice(-n).toLowerCase())) return n;
	}
	return 0;
}

// Is the text so far a whole condition, so that only a connective can follow?
function isComplete(before: string): boolean {
	return before !== "" && !/(\b(and|or|not|src|dst|ether)|[(&|!])$/.test(before);
}

function fits(text: string, word: string): boolean {
	const n = begun(text, word);
	if (n === word.length) return false; // it stands there already
	const before = text.slice(0, text.length - n);
	if (n === 0 && before !== "" && !/[\s(!]$/.test(before)) return false;
	return CONNECTIVES.has(word) === isComplete(before.trim());
}

export function suggest(text: string, words: readonly FilterWord[]): readonly FilterWord[] {
	if (TAKES_VALUE.test(text)) return [];
	const fitting = words.filter(([word]) => fits(text, word));
	const most = Math.max(...fitting.map(([word]) => begun(text, word)));
	return fitting.filter(([word]) => begun(text, word) === most).slice(0, SHOWN);
}

// The text with the unfinished words at its end replaced by a suggestion.
export function complete(text: string, word: string): string {
	return `${text.slice(0, text.length - begun(text, word))}${word} `;
}
