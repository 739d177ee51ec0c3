// SPDX-License-Identifier: BSD-3-Clause
// What all forms have in common: edits over what the server has, errors beside their fields, and
// what became of the last attempt. A field that nobody touched follows the server.

import { useState } from "preact/hooks";

import { RpcError } from "../rpc/client";
import { failureText } from "./failure";

export type FormPhase = "idle" | "sending" | "applied";
export type Errors<F extends string> = Partial<Record<F, string>>;
export type Edits<F extends string> = Partial<Record<F, string>>;

export interface FormOptions<F extends string, C> {
	// What the edits mean, or what is wrong with them.
	read: (edits: Edits<F>) => { changes: C; errors: Errors<F> };
	send: (changes: C) => Promise<void>;
	// The field that shows an error which the server names by this path.
	fieldOf: (path: string) => F | null;
}

export interface Form<F extends string> {
	edits: Edits<F>;
	errors: Errors<F>;
	problem: string | null; // an error that belongs to no field
	phase: FormPhase;
	dirty: boolean;
	edit: (field: F, text: string) => void;
	reset: (phase?: FormPhase) => void;
	submit: (event: Event) => Promise<void>;
	// A failure of something else that was done with the fields.
	refuse: (failure: unknown, form: HTMLElement | null) => void;
	setErrors: (errors: Errors<F>, form: HTMLElement | null) => void;
}

function focusFirstError(form: HTMLElement | null): void {
	requestAnimationFrame(() => form?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
}

// By field; what belongs to no field, as one text.
function sortFaults<F extends string>(
	failure: unknown,
	fieldOf: (path: string) => F | null,
): { errors: Errors<F>; problem: string | null } {
	const errors: Errors<F> = {};
	const others: string[] = [];
	const faults = failure instanceof RpcError ? failure.faults : [];
	if (faults.length === 0) return { errors, problem: failureText(failure) };
	for (const { field: path, message } of faults) {
		const field = fieldOf(path);
		if (field === null) others.push(message);
		else errors[field] ??= message;
	}
	return { errors, problem: others.length > 0 ? others.join(" ") : null };
}

export function useForm<F extends string, C>(options: FormOptions<F, C>): Form<F> {
	const [edits, setEdits] = useState<Edits<F>>({});
	const [errors, setErrorsOnly] = useState<Errors<F>>({});
	const [problem, setProblem] = useState<string | null>(null);
	const [phase, setPhase] = useState<FormPhase>("idle");

	const reset = (next: FormPhase = "idle") => {
		setEdits({});
		setErrorsOnly({});
		setProblem(null);
		setPhase(next);
	};
	const setErrors = (found: Errors<F>, form: HTMLElement | null) => {
		setErrorsOnly(found);
		if (Object.keys(found).length > 0) focusFirstError(form);
	};
	const refuse = (failure: unknown, form: HTMLElement | null) => {
		const sorted = sortFaults(failure, options.fieldOf);
		setPhase("idle");
		setProblem(sorted.problem);
		setErrors(sorted.errors, form);
	};
	const edit = (field: F, text: string) => {
		const next: Edits<F> = { ...edits, [field]: text };
		const others: Errors<F> = { ...errors };
		const found = options.read(next).errors[field];
		delete others[field];
		setEdits(next);
		setErrorsOnly(found === undefined ? others : { ...others, [field]: found });
		setPhase("idle");
		setProblem(null);
	};
	const submit = async (event: Event) => {
		event.preventDefault();
		const form = event.currentTarget as HTMLElement | null;
		const read = options.read(edits);
		setErrors(read.errors, form);
		if (Object.keys(read.errors).length > 0) return;
		setPhase("sending");
		try {
			await options.send(read.changes);
			reset("applied");
		} catch (failure) {
			refuse(failure, form);
		}
	};
	const dirty = Object.keys(edits).length > 0;
	return { edits, errors, problem, phase, dirty, edit, reset, submit, refuse, setErrors };
}
