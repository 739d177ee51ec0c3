// SPDX-License-Identifier: BSD-3-Clause
// The generator: what it does now, start and stop, and its profile.

import { useState } from "preact/hooks";

import { formatCount, formatSi } from "../logic/format";
import {
	changesOf,
	type Draft,
	type DraftErrors,
	type DraftField,
	draftOf,
	fieldOfPath,
} from "../logic/profile";
import { RpcError } from "../rpc/client";
import type { Generator } from "../rpc/types";
import { connection, generator, runGenerator, setGenerator } from "../state/panel";
import { texts } from "../texts";
import { failureText } from "./failure";
import { FormFoot, type FormPhase } from "./FormFoot";
import { GeneratorFields } from "./GeneratorFields";
import { focusFirstError } from "./ProcessorForm";
import { RunButton } from "./RunButton";

const t = texts.generator;

export function GeneratorForm() {
	const state = generator.value;
	return (
		<section class="card" aria-labelledby="generator-title" data-testid="generator">
			<div class="card-head">
				<h2 id="generator-title">{t.title}</h2>
				{state.kind === "present" && (
					<RunButton
						running={state.generator.running}
						start={t.start}
						stop={t.stop}
						run={runGenerator}
					/>
				)}
			</div>
			{state.kind === "none" && (
				<div class="empty">
					<strong>{t.none}</strong>
					<span>{t.noneDetail(state.reason)}</span>
					<span>{t.noneHelp}</span>
				</div>
			)}
			{state.kind === "unknown" && <div class="empty">{texts.loading}</div>}
			{state.kind === "present" && (
				<>
					<Counters generator={state.generator} />
					<ProfileForm generator={state.generator} />
				</>
			)}
		</section>
	);
}

function Counters({ generator: g }: { generator: Generator }) {
	const rows: [string, string, string][] = [
		[t.rate, formatSi(g.running ? g.achieved_pps : 0, "pps"), formatCount(g.achieved_pps)],
		[t.sent, formatSi(g.sent, ""), formatCount(g.sent)],
		[t.dropped, formatSi(g.dropped, ""), formatCount(g.dropped)],
		[t.late, formatSi(g.late, ""), formatCount(g.late)],
	];
	return (
		<dl class="counters">
			{rows.map(([name, value, exact]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd title={exact}>{value}</dd>
				</div>
			))}
		</dl>
	);
}

function without(errors: DraftErrors, field: DraftField): DraftErrors {
	const { [field]: _, ...others } = errors;
	return others;
}

function ProfileForm({ generator: g }: { generator: Generator }) {
	const [edits, setEdits] = useState<Partial<Draft>>({});
	const [errors, setErrors] = useState<DraftErrors>({});
	const [problem, setProblem] = useState<string | null>(null);
	const [phase, setPhase] = useState<FormPhase>("idle");
	const base = draftOf(g.profile);
	const draft: Draft = { ...base, ...edits };

	const edit = (field: DraftField, text: string) => {
		const next = { ...edits, [field]: text };
		setEdits(next);
		const found = changesOf({ ...base, ...next }, base).errors[field];
		setErrors(found ? { ...errors, [field]: found } : without(errors, field));
		setPhase("idle");
		setProblem(null);
	};
	const reset = (next: FormPhase) => {
		setEdits({});
		setErrors({});
		setProblem(null);
		setPhase(next);
	};
	const refuse = (failure: unknown, form: HTMLElement) => {
		setPhase("idle");
		const path = failure instanceof RpcError ? failure.field : undefined;
		const field = path === undefined ? null : fieldOfPath(path, draft);
		if (field) {
			setErrors({ [field]: failureText(failure) });
			focusFirstError(form);
		} else setProblem(failureText(failure));
	};
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const form = event.currentTarget as HTMLFormElement;
		const read = changesOf(draft, base);
		setErrors(read.errors);
		if (Object.keys(read.errors).length > 0) return focusFirstError(form);
		setPhase("sending");
		try {
			if (Object.keys(read.changes).length > 0) await setGenerator(read.changes);
			reset("applied");
		} catch (failure) {
			refuse(failure, form);
		}
	};

	return (
		<form onSubmit={submit} noValidate data-testid="generator-form">
			<GeneratorFields draft={draft} errors={errors} edit={edit} />
			<FormFoot
				dirty={Object.keys(edits).length > 0}
				phase={phase}
				error={problem}
				enabled={connection.value === "open"}
				onRevert={() => reset("idle")}
			/>
		</form>
	);
}
