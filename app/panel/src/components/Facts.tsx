// SPDX-License-Identifier: BSD-3-Clause
// Names and values, in a grid.

export interface Fact {
	name: string;
	value: string;
	title?: string;
	id?: string;
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
	return (
		<dl class="facts">
			{facts.map(({ name, value, title, id }) => (
				<div key={name} data-fact={id ?? name}>
					<dt>{name}</dt>
					<dd title={title}>{value}</dd>
				</div>
			))}
		</dl>
	);
}
