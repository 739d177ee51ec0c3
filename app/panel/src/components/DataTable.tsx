// SPDX-License-Identifier: BSD-3-Clause
// A table of rows that are all alike; the first cell names its row.

import type { ComponentChildren } from "preact";

export interface Column<T> {
	name: string;
	cell: (row: T) => ComponentChildren;
	number?: boolean;
	title?: (row: T) => string; // the whole value
}

interface Props<T> {
	label: string;
	columns: readonly Column<T>[];
	rows: readonly T[];
	keyOf: (row: T) => string;
}

export function DataTable<T>({ label, columns, rows, keyOf }: Props<T>) {
	return (
		<div class="table-wide" tabIndex={0} role="region" aria-label={label}>
			<table class="list">
				<thead>
					<tr>
						{columns.map(({ name, number }) => (
							<th key={name} scope="col" class={number ? "number" : ""}>
								{name}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{rows.map((row) => (
						<tr key={keyOf(row)} data-row={keyOf(row)}>
							{columns.map(({ name, cell, number, title }, index) => {
								const common = { class: number ? "number" : "", title: title?.(row) };
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
