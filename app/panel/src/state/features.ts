// SPDX-License-Identifier: BSD-3-Clause
// What this Weir can do, by its table of methods: a page or button whose method is missing is not
// offered. Before the table has come nothing is known to be missing.

import { signal } from "@preact/signals";

export const methods = signal<ReadonlySet<string> | null>(null);

export function can(method: string): boolean {
	return methods.value?.has(method) ?? false;
}

export function takeMethods(table: unknown): void {
	if (!Array.isArray(table)) return;
	const names = table.map((row: { name?: unknown } | null) => row?.name);
	methods.value = new Set(names.filter((name) => typeof name === "string"));
}
