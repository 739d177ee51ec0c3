// SPDX-License-Identifier: BSD-3-Clause
// The order of a table's rows, as it stands in the address: a column's name, with "-" before it for
// the largest first. Nothing: the order in which the rows came.

export type SortValue = number | string | null | undefined;

export interface SortColumn<T> {
	name: string;
	number?: boolean;
	sort?: ((row: T) => SortValue) | undefined;
}

export interface Order {
	column: string;
	descending: boolean;
}

export function orderOf<T>(text: string | undefined, columns: readonly SortColumn<T>[]): Order | null {
	if (!text) return null;
	const descending = text.startsWith("-");
	const column = descending ? text.slice(1) : text;
	return columns.some(({ name, sort }) => sort && name === column) ? { column, descending } : null;
}

export function orderText(order: Order | null): string | null {
	return order && `${order.descending ? "-" : ""}${order.column}`;
}

// A column's head again and again: its natural order, the other, the order in which rows came.
// Of numbers the largest first is the natural one.
export function nextOrder<T>({ name, number = false }: SortColumn<T>, now: Order | null): Order | null {
	if (now?.column !== name) return { column: name, descending: number };
	return now.descending === number ? { column: name, descending: !number } : null;
}

const known = (value: SortValue) => value !== null && value !== undefined && !Number.isNaN(value);

function compare(a: SortValue, b: SortValue): number {
	if (typeof a === "number" && typeof b === "number") return a - b;
	return String(a).localeCompare(String(b), "en", { numeric: true });
}

// What is not known is last in either order; equal rows stay as they came.
export function sortRows<T>(rows: readonly T[], columns: readonly SortColumn<T>[], order: Order | null): readonly T[] {
	const value = columns.find(({ name }) => name === order?.column)?.sort;
	if (!order || !value) return rows;
	return [...rows].sort((a, b) => {
		const [x, y] = [value(a), value(b)];
		if (!known(x) || !known(y)) return Number(known(y)) - Number(known(x));
		return order.descending ? compare(y, x) : compare(x, y);
	});
}
