// SPDX-License-Identifier: BSD-3-Clause
// The parameters H, T, k and X.

import { formatPlain } from "../logic/format";
import { parseNumber, ranges } from "../logic/validate";
import type { Processor } from "../rpc/types";
import { connection, processor, setProcessor } from "../state/panel";
import { texts } from "../texts";
import { Field } from "./Field";
import { FormFoot } from "./FormFoot";
import { useForm } from "./useForm";

const NAMES = ["H", "T", "k", "X"] as const;
type Name = (typeof NAMES)[number];
type Texts = Partial<Record<Name, string>>;

function isName(text: string | undefined): text is Name {
	return NAMES.some((name) => name === text);
}

// What was typed, as numbers; only what differs from the server's.
function readDraft(draft: Texts, now: Processor | null): { changes: Partial<Processor>; errors: Texts } {
	const changes: Partial<Processor> = {};
	const errors: Texts = {};
	for (const name of NAMES) {
		const text = draft[name];
		if (text === undefined) continue;
		const parsed = parseNumber(text, ranges[name]);
		if (!parsed.ok) errors[name] = parsed.error;
		else if (parsed.value !== now?.[name]) changes[name] = parsed.value;
	}
	return { changes, errors };
}

export function ProcessorForm() {
	const now = processor.value;
	const form = useForm<Name, Partial<Processor>>({
		read: (draft) => readDraft(draft, now),
		send: async (changes) => {
			if (Object.keys(changes).length > 0) await setProcessor(changes);
		},
		fieldOf: (path) => (isName(path) ? path : null),
	});

	return (
		<section class="card" aria-labelledby="processor-title">
			<div class="card-head">
				<h2 id="processor-title">{texts.processor.title}</h2>
			</div>
			<p class="note">{texts.processor.note}</p>
			<form onSubmit={form.submit} noValidate data-testid="processor-form">
				<div class="fields">
					{NAMES.map((name) => (
						<Field
							key={name}
							id={`processor-${name}`}
							numeric
							{...texts.processor.fields[name]}
							value={form.edits[name] ?? (now ? formatPlain(now[name]) : "")}
							error={form.errors[name]}
							onInput={(text) => form.edit(name, text)}
						/>
					))}
				</div>
				<FormFoot
					dirty={form.dirty && now !== null}
					phase={form.phase}
					error={form.problem}
					enabled={connection.value === "open"}
					method="processor.set"
					onRevert={() => form.reset()}
				/>
			</form>
		</section>
	);
}
