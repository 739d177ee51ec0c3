// SPDX-License-Identifier: BSD-3-Clause
import type { ComponentChildren } from "preact";

interface Props {
	id: string;
	title: string;
	note?: string;
	children: ComponentChildren;
}

// A card with its title.
export function Section({ id, title, note, children }: Props) {
	return (
		<section class="card" aria-labelledby={`${id}-title`} data-testid={id}>
			<div class="card-head">
				<h2 id={`${id}-title`}>{title}</h2>
			</div>
			{note && <p class="note">{note}</p>}
			{children}
		</section>
	);
}
