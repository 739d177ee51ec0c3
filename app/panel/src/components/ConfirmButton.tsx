// SPDX-License-Identifier: BSD-3-Clause
// A button for what cannot be undone: it asks again in its own place.

import { useState } from "preact/hooks";

interface Props {
	label: string;
	question: string;
	keep: string;
	name: string; // of what it is about, for screen readers
	reason?: string | undefined; // why it cannot be done
	onConfirm: () => void;
}

export function ConfirmButton({ label, question, keep, name, reason, onConfirm }: Props) {
	const [asking, setAsking] = useState(false);
	if (!asking) {
		return (
			<button type="button" class="button" disabled={reason !== undefined} title={reason} aria-label={`${label} ${name}`} onClick={() => setAsking(true)}>
				{label}
			</button>
		);
	}
	const answer = (yes: boolean) => {
		setAsking(false);
		if (yes) onConfirm();
	};
	return (
		<span class="confirm" onKeyDown={(event) => event.key === "Escape" && answer(false)}>
			<button type="button" class="button button-bad" ref={(node) => node?.focus()} onClick={() => answer(true)}>
				{question}
			</button>
			<button type="button" class="button" onClick={() => answer(false)}>
				{keep}
			</button>
		</span>
	);
}
