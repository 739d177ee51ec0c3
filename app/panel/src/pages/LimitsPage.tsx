// SPDX-License-Identifier: BSD-3-Clause
// The limits table. The form is open where the address names a row (edit) or asks for a new one.

import { useState } from "preact/hooks";

import { failureText } from "../components/failure";
import { AlertList } from "../components/limits/AlertList";
import { LimitForm } from "../components/limits/LimitForm";
import { LimitList } from "../components/limits/LimitList";
import { type Limit, limitDraftOf, limitId } from "../logic/limitDraft";
import { goTo, leave, location } from "../state/location";
import { call } from "../state/panel";
import { usePoll } from "../state/poll";
import { texts } from "../texts";
import { limitTexts as t } from "../texts/limits";

interface Answer {
	limits: Limit[];
	file?: { file?: string; path?: string; error?: string } | null;
}

const EVERY_MS = 2000;
const close = () => leave("limits");

function OpenForm({ limits, onSet }: { limits: readonly Limit[]; onSet: () => void }) {
	const { edit, new: fresh } = location.value.params;
	const found = limits.find((limit) => limitId(limit) === edit);
	if (edit === undefined && fresh === undefined) return null;
	if (edit !== undefined && !found) return <p class="card empty">{t.form.missing(edit)}</p>;
	return (
		<LimitForm
			key={edit ?? "new"}
			base={limitDraftOf(found ?? null)}
			name={found?.limit_name ?? null}
			onSet={onSet}
			onClose={close}
		/>
	);
}

export default function LimitsPage() {
	const { data, error, refresh } = usePoll<Answer>("limits.list", EVERY_MS);
	const [refused, setRefused] = useState<string | null>(null);
	const limits = data?.limits ?? [];
	const remove = async ({ limit_name, effective_date }: Limit) => {
		setRefused(null);
		try {
			await call("limits.remove", { limit_name, effective_date });
			refresh();
		} catch (failure) {
			setRefused(failureText(failure));
		}
	};
	const problem = refused ?? error ?? data?.file?.error ?? null;
	const file = data?.file?.file ?? data?.file?.path;
	return (
		<div class="page" data-page="limits">
			<OpenForm limits={limits} onSet={refresh} />
			<section class="card" aria-labelledby="limits-title">
				<div class="card-head">
					<h2 id="limits-title">{t.title}</h2>
					{file && <span class="muted">{t.file(file)}</span>}
					<button type="button" class="button button-main push" onClick={() => goTo("limits", { new: "1" })}>
						{t.add}
					</button>
				</div>
				<p class="note">{t.note}</p>
				{problem !== null && (
					<p class="error" role="alert">
						{problem}
					</p>
				)}
				{!data && <div class="empty">{texts.nav.loading}</div>}
				{data && limits.length === 0 && (
					<div class="empty">
						<strong>{t.none}</strong>
						<span>{t.noneHelp}</span>
					</div>
				)}
				{limits.length > 0 && <LimitList limits={limits} remove={(limit) => void remove(limit)} />}
			</section>
			<AlertList />
		</div>
	);
}
