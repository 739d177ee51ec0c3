// SPDX-License-Identifier: BSD-3-Clause
// What this Weir can do, by its table of methods: a page or button whose method is missing is not
// offered. Before the table has come nothing is known to be missing.

import { signal } from "@preact/signals";

export const methods = signal<ReadonlyMap<string, string> | null>(null); // name to role

export function can(method: string): boolean {
	return methods.value?.has(method) ?? false;
}

export function takeMethods(table: unknown): void {
	if (!Array.isArray(table)) return;
	const rows = table.filter((row: { name?: unknown } | null) => typeof row?.name === "string");
	methods.value = new Map(rows.map(({ name, role }) => [name, typeof role === "string" ? role : "anyone"]));
}

// The role that a method needs; undefined where the table does not have it.
export function roleOf(method: string): string | undefined {
	return methods.value?.get(method);
}
