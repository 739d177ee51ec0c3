// SPDX-License-Identifier: BSD-3-Clause
// The parameters H, T, k and X. A field that nobody touched follows the server.

import { useState } from "preact/hooks";

import { formatPlain } from "../logic/format";
import { parseNumber, ranges } from "../logic/validate";
import { RpcError } from "../rpc/client";
import type { Processor } from "../rpc/types";
import { connection, processor, setProcessor } from "../state/panel";
import { texts } from "../texts";
import { failureText } from "./failure";
import { Field } from "./Field";
import { FormFoot, type FormPhase } from "./FormFoot";

const NAMES = ["H", "T", "k", "X"] as const;
type Name = (typeof NAMES)[number];
type Texts = Partial<Record<Name, string>>;

function isName(text: string | undefined): text is Name {
	return NAMES.some((name) => name === text);
}

export function focusFirstError(form: HTMLElement): void {
	requestAnimationFrame(() => form.querySelector<HTMLElement>("[aria-invalid]")?.focus());
}

// What was typed, as numbers; only what differs from the server's.
function readDraft(draft: Texts, now: Processor): { changes: Partial<Processor>; errors: Texts } {
	const changes: Partial<Processor> = {};
	const errors: Texts = {};
	for (const name of NAMES) {
		const text = draft[name];
		if (text === undefined) continue;
		const parsed = parseNumber(text, ranges[name]);
		if (!parsed.ok) errors[name] = parsed.error;
		else if (parsed.value !== now[name]) changes[name] = parsed.value;
	}
	return { changes, errors };
}

export function ProcessorForm() {
	const [draft, setDraft] = useState<Texts>({});
	const [errors, setErrors] = useState<Texts>({});
	const [problem, setProblem] = useState<string | null>(null);
	const [phase, setPhase] = useState<FormPhase>("idle");
	const now = processor.value;
	const dirty = Object.keys(draft).length > 0;

	const edit = (name: Name, text: string) => {
		const parsed = parseNumber(text, ranges[name]);
		setDraft({ ...draft, [name]: text });
		const { [name]: _, ...others } = errors;
		setErrors(parsed.ok ? others : { ...others, [name]: parsed.error });
		setPhase("idle");
		setProblem(null);
	};
	const reset = (next: FormPhase) => {
		setDraft({});
		setErrors({});
		setProblem(null);
		setPhase(next);
	};
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const form = event.currentTarget as HTMLFormElement;
		if (!now) return;
		const read = readDraft(draft, now);
		setErrors(read.errors);
		if (Object.keys(read.errors).length > 0) return focusFirstError(form);
		setPhase("sending");
		try {
			if (Object.keys(read.changes).length > 0) await setProcessor(read.changes);
			reset("applied");
		} catch (failure) {
			setPhase("idle");
			const field = failure instanceof RpcError ? failure.field : undefined;
			if (isName(field)) {
				setErrors({ [field]: failureText(failure) });
				focusFirstError(form);
			} else setProblem(failureText(failure));
		}
	};

	return (
		<section class="card" aria-labelledby="processor-title">
			<div class="card-head">
				<h2 id="processor-title">{texts.processor.title}</h2>
			</div>
			<p class="note">{texts.processor.note}</p>
			<form onSubmit={submit} noValidate data-testid="processor-form">
				<div class="fields">
					{NAMES.map((name) => (
						<Field
							key={name}
							id={`processor-${name}`}
							numeric
							{...texts.processor.fields[name]}
							value={draft[name] ?? (now ? formatPlain(now[name]) : "")}
							error={errors[name]}
							onInput={(text) => edit(name, text)}
						/>
					))}
				</div>
				<FormFoot
					dirty={dirty}
					phase={phase}
					error={problem}
					enabled={connection.value === "open"}
					onRevert={() => reset("idle")}
				/>
			</form>
		</section>
	);
}
