// SPDX-License-Identifier: BSD-3-Clause
// The generator's profile through the pipeline, and the results against the true answers.

import { useState } from "preact/hooks";

import { countError, eventId, formatRatio, goesOn, queryIsExact } from "../logic/calibration";
import { formatCount, formatMicros, formatShare } from "../logic/format";
import type { CalibratedEvent, CalibratedQuery, Calibration as State } from "../rpc/types";
import { call, connection } from "../state/panel";
import { usePoll } from "../state/poll";
import { forbidden } from "../state/session";
import { calibrationTexts as t } from "../texts/calibration";
import { type Column, DataTable } from "./DataTable";
import { Facts } from "./Facts";
import { failureText } from "./failure";
import { Field } from "./Field";
import { Section } from "./Section";

const POLL_MS = 1000;
const DEFAULT_SECONDS = "20";

export function Calibration() {
	const { data, refresh } = usePoll<State>("generator.calibration", POLL_MS);
	const on = goesOn(data);
	return (
		<Section id="calibration" title={t.title} note={t.note}>
			<StartForm on={on} refresh={refresh} />
			{on && data && <Progress state={data} />}
			{data?.state === "failed" && (
				<p class="error" role="alert">
					{t.failed(data.error ?? "")}
				</p>
			)}
			{data?.state === "done" && <Outcome outcome={data} />}
		</Section>
	);
}

function StartForm({ on, refresh }: { on: boolean; refresh: () => void }) {
	const [seconds, setSeconds] = useState(DEFAULT_SECONDS);
	const [error, setError] = useState<string | undefined>();
	const reason = forbidden("generator.calibrate");
	const start = async (event: Event) => {
		event.preventDefault();
		setError(undefined);
		try {
			// What is not a number goes to the server as it is, which says what is allowed.
			const asked = seconds.trim() === "" ? Number.NaN : Number(seconds);
			await call("generator.calibrate", { seconds: Number.isNaN(asked) ? seconds : asked });
		} catch (failure) {
			setError(failureText(failure));
		}
		refresh();
	};
	return (
		<form onSubmit={start} noValidate data-testid="calibration-form">
			<div class="fields">
				<Field
					id="calibration-seconds"
					numeric
					{...t.seconds}
					value={seconds}
					error={error}
					onInput={(text) => {
						setSeconds(text);
						setError(undefined);
					}}
				/>
			</div>
			<div class="form-foot">
				<button type="submit" class="button button-main" disabled={on || reason !== undefined || connection.value !== "open"} title={reason}>
					{t.start}
				</button>
			</div>
		</form>
	);
}

function Progress({ state }: { state: State }) {
	const words = t.states[state.state] ?? state.state;
	return (
		<p class="progress" role="status" data-testid="calibration-progress">
			<progress max={1} value={state.progress ?? 0} aria-label={t.title} />
			<span>
				{words}, {formatShare(state.progress)}
			</span>
		</p>
	);
}

// Of what did not come there is none.
const formatDelay = (ms: number | null | undefined) => formatMicros(ms == null ? null : ms * 1000);

const queryColumns: Column<CalibratedQuery>[] = [
	{ name: t.columns.query, cell: (q) => q.query },
	{ name: t.columns.windows, cell: (q) => formatCount(q.windows), number: true },
	{ name: t.columns.missing, cell: (q) => formatCount(q.windows_missing), number: true },
	{ name: t.columns.precision, cell: (q) => formatRatio(q.precision), number: true },
	{ name: t.columns.recall, cell: (q) => formatRatio(q.recall), number: true },
	{
		name: t.columns.count,
		cell: (q) => formatCount(countError(q)),
		title: (q) => t.bytes(countError(q)),
		number: true,
	},
	{ name: t.columns.ranks, cell: (q) => formatCount(q.rank_errors), number: true },
];

const eventColumns: Column<CalibratedEvent>[] = [
	{ name: t.eventColumns.event, cell: (e) => e.type },
	{ name: t.eventColumns.key, cell: (e) => e.key },
	{ name: t.eventColumns.at, cell: (e) => `${e.at_s} s`, number: true },
	{ name: t.eventColumns.row, cell: (e) => e.query ?? (e.before ? t.before : t.none) },
	{ name: t.eventColumns.slides, cell: (e) => formatCount(e.slides ?? undefined), number: true },
	{ name: `${t.eventColumns.row}: ${t.eventColumns.delay}`, cell: (e) => formatDelay(e.delay_ms), number: true },
	{ name: t.eventColumns.alert, cell: (e) => e.alert?.query ?? t.none },
	{
		name: `${t.eventColumns.alert}: ${t.eventColumns.alertDelay}`,
		cell: (e) => formatDelay(e.alert?.delay_ms),
		number: true,
	},
];

function Outcome({ outcome }: { outcome: State }) {
	const queries = outcome.queries ?? [];
	const events = outcome.events ?? [];
	const names = ["sent", "received", "dropped", "late", "unreceived", "foreign"] as const;
	return (
		<div data-testid="calibration-outcome" data-exact={String(outcome.exact)}>
			<p class={outcome.exact ? "note" : "error"} role="status">
				{outcome.exact && queries.every(queryIsExact) ? t.exact : t.different}
			</p>
			<Facts
				facts={names.map((name) => ({ name: t.packets[name], value: formatCount(outcome[name]), id: name }))}
			/>
			<DataTable label={t.queries} columns={queryColumns} rows={queries} keyOf={(q) => q.query} />
			{events.length > 0 && (
				<DataTable label={t.events} columns={eventColumns} rows={events} keyOf={eventId} />
			)}
		</div>
	);
}
