// SPDX-License-Identifier: BSD-3-Clause
// Add or change a query, and try what it would answer before.

import { useRef, useState } from "preact/hooks";

import { formatWindow } from "../logic/format";
import { type QueryDraft, type QueryField, queryFieldOf, readQuery } from "../logic/queryDraft";
import type { Result } from "../rpc/types";
import { call, connection, refreshQueries } from "../state/panel";
import { texts } from "../texts";
import { queryTexts } from "../texts/queries";
import { FormFoot } from "./FormFoot";
import { QueryFields } from "./QueryFields";
import { ResultTable } from "./ResultTable";
import { useForm } from "./useForm";

const t = queryTexts.form;

interface Props {
	base: QueryDraft;
	name: string | null; // of the query that changes, null for a new one
	builtin: boolean;
	fresh: boolean; // the draft itself is something to send
	onClose: () => void;
}

export function QueryForm({ base, name, builtin, fresh, onClose }: Props) {
	const element = useRef<HTMLFormElement>(null);
	const [preview, setPreview] = useState<Result | null>(null);
	const form = useForm<QueryField, Record<string, unknown>>({
		read: (edits) => {
			const { query, errors } = readQuery({ ...base, ...edits });
			return { changes: query, errors };
		},
		send: async (query) => {
			await call(name === null ? "query.add" : "query.update", query);
			await refreshQueries();
			onClose();
		},
		fieldOf: queryFieldOf,
	});
	const draft: QueryDraft = { ...base, ...form.edits };

	const tryIt = async () => {
		setPreview(null);
		const { query, errors } = readQuery(draft);
		form.setErrors(errors, element.current);
		if (Object.keys(errors).length > 0) return;
		try {
			// Limits on keys are of standing queries; a preview has its own name.
			setPreview(await call<Result>("query.preview", { ...query, name: undefined }));
		} catch (failure) {
			form.refuse(failure, element.current);
		}
	};

	return (
		<section class="card" aria-labelledby="query-form-title">
			<div class="card-head">
				<h2 id="query-form-title">{name === null ? t.new : t.change(name)}</h2>
			</div>
			{builtin && <p class="note">{t.builtinNote}</p>}
			<form ref={element} onSubmit={form.submit} noValidate data-testid="query-form">
				<QueryFields
					id="query"
					draft={draft}
					errors={form.errors}
					named={name === null}
					edit={form.edit}
				/>
				<FormFoot
					dirty={form.dirty || fresh}
					phase={form.phase}
					error={form.problem}
					enabled={connection.value === "open"}
					method="query.add"
					onRevert={onClose}
					apply={name === null ? t.apply : t.applyChange}
					revert={t.cancel}
					revertible
				>
					<button type="button" class="button" disabled={connection.value !== "open"} onClick={tryIt}>
						{t.preview}
					</button>
				</FormFoot>
			</form>
			{preview && <Preview result={preview} />}
		</section>
	);
}

function Preview({ result }: { result: Result }) {
	return (
		<div class="preview" data-testid="preview" data-end={result.window.end_us}>
			<h3>{t.previewTitle}</h3>
			<p class="note">
				{t.previewHelp} {formatWindow(result.window)} ·{" "}
				{texts.results.shown(result.rows.length, result.keys, result.key)}
			</p>
			<ResultTable result={result} label={t.previewTitle} title={t.previewTitle} history={false} />
		</div>
	);
}
