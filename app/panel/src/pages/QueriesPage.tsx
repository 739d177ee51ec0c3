// SPDX-License-Identifier: BSD-3-Clause
// The standing queries and the parameters of the built-in ones. The form is open where the address
// names a query (edit) or asks for a new one (new).

import { useEffect, useMemo } from "preact/hooks";

import { ProcessorForm } from "../components/ProcessorForm";
import { QueryForm } from "../components/QueryForm";
import { QueryList } from "../components/QueryList";
import { draftFromParams, queryDraftOf } from "../logic/queryDraft";
import { goTo, leave, location } from "../state/location";
import { queries, refreshQueries } from "../state/panel";
import { queryTexts as t } from "../texts/queries";

const close = () => leave("queries");

function OpenForm() {
	const { params } = location.value;
	const edited = params.edit;
	const found = queries.value?.find((query) => query.name === edited);
	const base = useMemo(
		() => (edited === undefined ? draftFromParams(params) : queryDraftOf(found ?? null)),
		[params, found],
	);
	if (edited === undefined && params.new === undefined) return null;
	if (edited !== undefined && !found) return <p class="card empty">{t.form.missing(edited)}</p>;
	return (
		<QueryForm
			key={edited ?? "new"}
			base={base}
			name={edited ?? null}
			builtin={found?.builtin ?? false}
			fresh={edited === undefined}
			onClose={close}
		/>
	);
}

export default function QueriesPage() {
	const list = queries.value;
	// Another client may have changed them.
	useEffect(() => void refreshQueries().catch(() => undefined), []);
	return (
		<div class="page" data-page="queries">
			<OpenForm />
			<section class="card" aria-labelledby="queries-title">
				<div class="card-head">
					<h2 id="queries-title">{t.title}</h2>
					{list && <span class="muted">{t.count(list.length)}</span>}
					<button type="button" class="button button-main push" onClick={() => goTo("queries", { new: "1" })}>
						{t.add}
					</button>
				</div>
				{list && list.length > 0 && <QueryList queries={list} />}
				{list?.length === 0 && (
					<div class="empty">
						<strong>{t.none}</strong>
						<span>{t.noneHelp}</span>
					</div>
				)}
			</section>
			<div class="page-narrow">
				<ProcessorForm />
			</div>
		</div>
	);
}
