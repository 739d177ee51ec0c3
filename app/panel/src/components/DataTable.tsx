// SPDX-License-Identifier: BSD-3-Clause
// A table of rows that are all alike; the first cell names its row. Columns that can be sorted have
// a button as their head.

import type { ComponentChildren } from "preact";

import { nextOrder, type Order, orderOf, orderText, type SortColumn, sortRows } from "../logic/tableSort";
import { location, setParam } from "../state/location";
import { texts } from "../texts";

export interface Column<T> extends SortColumn<T> {
	cell: (row: T) => ComponentChildren;
	title?: (row: T) => string; // the whole value
	wrap?: boolean; // long text: on several lines where there is no room
}

// Rows that come in order already.
export interface Sorting<T> {
	order: Order | null;
	choose: (column: Column<T>) => void;
}

interface Props<T> {
	label: string;
	columns: readonly Column<T>[];
	rows: readonly T[];
	keyOf: (row: T) => string;
	sortParam?: string; // where the address has the order; unique on its page
	sorting?: Sorting<T>; // somebody else sorts
}

function Head<T>({ column, order, choose }: { column: Column<T>; order: Order | null; choose: () => void }) {
	const { name, number, sort } = column;
	const kind = number ? "number" : "";
	if (!sort) {
		return (
			<th scope="col" class={kind}>
				{name}
			</th>
		);
	}
	const mine = order?.column === name ? order : null;
	const direction = mine ? (mine.descending ? "descending" : "ascending") : "none";
	return (
		<th scope="col" class={kind} aria-sort={direction}>
			<button type="button" class="sort" title={texts.sortHelp} onClick={choose}>
				{name}
				<i class={`sort-mark sort-${direction}`} aria-hidden="true" />
			</button>
		</th>
	);
}

export function DataTable<T>({ label, columns: all, rows, keyOf, sortParam, sorting }: Props<T>) {
	const sortable = sortParam !== undefined || sorting !== undefined;
	const columns = sortable ? all : all.map((column) => ({ ...column, sort: undefined }));
	const order = sorting ? sorting.order : orderOf(location.value.params[sortParam ?? ""], columns);
	const choose = (column: Column<T>) =>
		sorting ? sorting.choose(column) : setParam(sortParam ?? "", orderText(nextOrder(column, order)));
	const shown = sorting ? rows : sortRows(rows, columns, order);
	return (
		<div class="table-wide" tabIndex={0} role="region" aria-label={label}>
			<table class="list">
				<thead>
					<tr>
						{columns.map((column) => (
							<Head key={column.name} column={column} order={order} choose={() => choose(column)} />
						))}
					</tr>
				</thead>
				<tbody>
					{shown.map((row) => (
						<tr key={keyOf(row)} data-row={keyOf(row)}>
							{columns.map(({ name, cell, number, title, wrap }, index) => {
								const common = { class: number ? "number" : wrap ? "wrap" : "", title: title?.(row) };
								return index === 0 ? (
									<th key={name} scope="row" {...common}>
										{cell(row)}
									</th>
								) : (
									<td key={name} {...common}>
										{cell(row)}
									</td>
								);
							})}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
