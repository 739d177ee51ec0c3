// SPDX-License-Identifier: BSD-3-Clause
// The foot of a form: apply, revert, and what became of it.

import { texts } from "../texts";

export type FormPhase = "idle" | "sending" | "applied";

interface Props {
	dirty: boolean;
	phase: FormPhase;
	error: string | null; // one that belongs to no field
	enabled: boolean;
	onRevert: () => void;
}

export function FormFoot({ dirty, phase, error, enabled, onRevert }: Props) {
	const t = texts.form;
	const status = phase === "sending" ? t.applying : dirty ? t.unsaved : phase === "applied" ? t.applied : "";
	return (
		<div class="form-foot">
			<button type="submit" class="button button-main" disabled={!dirty || !enabled || phase === "sending"}>
				{t.apply}
			</button>
			<button type="button" class="button" disabled={!dirty} onClick={onRevert}>
				{t.revert}
			</button>
			<span class="form-status" role="status">
				{status}
			</span>
			{error !== null && (
				<span class="error" role="alert">
					{error}
				</span>
			)}
		</div>
	);
}
