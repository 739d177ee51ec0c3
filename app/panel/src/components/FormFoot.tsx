// SPDX-License-Identifier: BSD-3-Clause
// The foot of a form: apply, revert, and what became of it.

import type { ComponentChildren } from "preact";

import { forbidden } from "../state/session";
import { texts } from "../texts";
import type { FormPhase } from "./useForm";

interface Props {
	dirty: boolean;
	phase: FormPhase;
	error: string | null; // one that belongs to no field
	enabled: boolean;
	method: string; // whose role is needed
	onRevert: () => void;
	apply?: string; // what the button says, where it is not Apply
	revert?: string;
	revertible?: boolean; // Revert does something though nothing was edited
	children?: ComponentChildren; // further buttons
}

export function FormFoot(props: Props) {
	const { dirty, phase, error, enabled, method, onRevert, apply, revert, revertible, children } = props;
	const t = texts.form;
	const reason = forbidden(method);
	const status = phase === "sending" ? t.applying : dirty ? t.unsaved : phase === "applied" ? t.applied : "";
	return (
		<div class="form-foot">
			<button type="submit" class="button button-main" disabled={!dirty || !enabled || reason !== undefined || phase === "sending"} title={reason}>
				{apply ?? t.apply}
			</button>
			<button type="button" class="button" disabled={!dirty && !revertible} onClick={onRevert}>
				{revert ?? t.revert}
			</button>
			{children}
			<span class="form-status" role="status">
				{reason ?? status}
			</span>
			{error !== null && (
				<span class="error" role="alert">
					{error}
				</span>
			)}
		</div>
	);
}
