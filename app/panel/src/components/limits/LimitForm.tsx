// SPDX-License-Identifier: BSD-3-Clause
// Add or change a row of the limits table, and see what it would have done.

import { useRef, useState } from "preact/hooks";

import { formatSi, formatTime, formatZoned } from "../../logic/format";
import { type Limit, type LimitDraft, type LimitField, limitFieldOf, readLimit } from "../../logic/limitDraft";
import type { Alert } from "../../rpc/types";
import { can } from "../../state/features";
import { call, connection } from "../../state/panel";
import { limitTexts } from "../../texts/limits";
import { Field } from "../Field";
import { FormFoot } from "../FormFoot";
import { Section } from "../Section";
import { useForm } from "../useForm";

const t = limitTexts.form;

interface DryRun {
	from_us: number;
	to_us: number;
	windows: number;
	exact: boolean;
	alerts: Alert[];
	more: number;
}

interface Props {
	base: LimitDraft;
	name: string | null; // of the limit that changes, null for a new one
	onSet: () => void;
	onClose: () => void;
}

const LEFT: readonly LimitField[] = ["source", "destination"];
const RIGHT: readonly LimitField[] = ["min_bytes", "max_bytes", "window_s", "effective_date", "clear_after"];

export function LimitForm({ base, name, onSet, onClose }: Props) {
	const element = useRef<HTMLFormElement>(null);
	const [dry, setDry] = useState<DryRun | null>(null);
	const form = useForm<LimitField, Partial<Limit>>({
		read: (edits) => {
			const { limit, errors } = readLimit({ ...base, ...edits });
			return { changes: limit, errors };
		},
		send: async (limit) => {
			await call("limits.set", { rows: [limit] });
			onSet();
			onClose();
		},
		fieldOf: limitFieldOf,
	});
	const draft: LimitDraft = { ...base, ...form.edits };
	const off = connection.value !== "open";

	const dryRun = async () => {
		setDry(null);
		const { limit, errors } = readLimit(draft);
		form.setErrors(errors, element.current);
		if (Object.keys(errors).length > 0) return;
		try {
			setDry(await call<DryRun>("limits.dry_run", { limit }));
		} catch (failure) {
			form.refuse(failure, element.current);
		}
	};
	const field = (id: LimitField) => (
		<Field
			key={id}
			id={`limit-${id}`}
			{...limitTexts.fields[id]}
			value={draft[id]}
			error={form.errors[id]}
			onInput={(text) => form.edit(id, text)}
		/>
	);
	const names: readonly LimitField[] = name === null ? ["limit_name"] : [];
	return (
		<Section id="limit-form-card" title={name === null ? t.new : t.change(name)}>
			<form ref={element} onSubmit={form.submit} noValidate data-testid="limit-form">
				<div class="fields fields-many">{[...names, ...LEFT, ...RIGHT].map(field)}</div>
				<FormFoot
					dirty={form.dirty}
					phase={form.phase}
					error={form.problem}
					enabled={!off}
					method="limits.set"
					onRevert={onClose}
					apply={t.apply}
					revert={t.cancel}
					revertible
				>
					{can("limits.dry_run") && (
						<button type="button" class="button" disabled={off} onClick={dryRun}>
							{t.dryRun}
						</button>
					)}
				</FormFoot>
			</form>
			{dry && <DryResult dry={dry} />}
		</Section>
	);
}

function DryResult({ dry }: { dry: DryRun }) {
	return (
		<div class="preview" data-testid="dry-run" data-alerts={dry.alerts.length}>
			<h3>{t.dryTitle}</h3>
			<p class="note">
				{t.dryWindows(dry.windows, formatTime(dry.from_us), formatZoned(dry.to_us))}
				{!dry.exact && <span class="tag tag-warn">{t.inexact}</span>}
			</p>
			{dry.alerts.length === 0 && <div class="empty">{t.dryNone}</div>}
			<ul class="alerts">
				{dry.alerts.map((alert) => (
					<li key={`${alert.at_us} ${alert.key} ${alert.state}`}>
						<time>{formatZoned(alert.at_us)}</time>
						<span class={`chip ${alert.state === "raised" ? "chip-bad" : "chip-good"}`}>{t[alert.state]}</span>
						{t.alert(alert.key, formatSi(alert.value, "B"), formatSi(alert.limit, "B"))}
					</li>
				))}
			</ul>
			{dry.more > 0 && <p class="note">{t.dryMore(dry.more)}</p>}
		</div>
	);
}
