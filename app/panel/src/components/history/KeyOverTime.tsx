// SPDX-License-Identifier: BSD-3-Clause
// The value of one key of a query over time, from stored results. Query, key, time and picture stand in
// the address.

import { useMemo, useState } from "preact/hooks";

import { Chart } from "../../charts/Chart";
import { keyHeat, keyLine } from "../../charts/history";
import { palette } from "../../charts/palette";
import { lineOf, type SeriesAnswer, seriesCsv } from "../../logic/keySeries";
import type { Result } from "../../rpc/types";
import { location, setParam } from "../../state/location";
import { call, connection, queries } from "../../state/panel";
import { usePoll } from "../../state/poll";
import { useAnswer } from "../../state/useAnswer";
import { texts } from "../../texts";
import { exploreTexts } from "../../texts/explore";
import { historyTexts } from "../../texts/history";
import { Field, SelectField } from "../Field";
import { Empty, Exports, Refused, Source } from "./Parts";

const t = historyTexts.series;
const RANGES = [600, 3600, 21600, 86400, 604800, 2592000] as const;
const DAY_S = 86400;
const VIEWS = ["line", "heat"] as const;

function rangeText(seconds: number): string {
	return seconds >= DAY_S ? exploreTexts.days(seconds / DAY_S) : exploreTexts.seconds(seconds);
}

function Views({ view }: { view: string }) {
	return (
		<fieldset class="segments">
			<legend class="hidden">{t.viewLabel}</legend>
			{VIEWS.map((name) => (
				<label key={name}>
					<input type="radio" name="history-view" checked={name === view} onChange={() => setParam("view", name)} />
					<span>{t.views[name]}</span>
				</label>
			))}
		</fieldset>
	);
}

function Found({ answer, view }: { answer: SeriesAnswer; view: string }) {
	const colours = palette.value;
	const line = useMemo(() => lineOf(answer), [answer]);
	const option = useMemo(
		() => (view === "heat" ? keyHeat(line, colours) : keyLine(line, colours)),
		[line, view, colours],
	);
	const missing = answer.partial ? (answer.missing ?? "") : null;
	if (answer.points.length === 0) return <Empty what={t.none} help={missing ?? t.noneHelp} />;
	const gaps = answer.points.some(({ listed }) => listed === 0);
	const listed = answer.points.some((point) => point.listed > 0);
	return (
		<>
			<div class="card-head answer-head">
				<Views view={view} />
				<span class="muted" data-testid="about">
					{t.about(answer.results, answer.step_us / 1e6)}
				</span>
				<Source source={answer.source} missing={missing} />
				<Exports name="weir-series" csv={() => seriesCsv(answer)} json={answer} />
			</div>
			{listed ? (
				<div class="explore-chart">
					<Chart key={view} option={option} label={view === "heat" ? t.heatLabel : t.chartLabel} shape={`${answer.query} ${answer.key}`} />
				</div>
			) : (
				<Empty what={t.notListed} help={t.notListedHelp} />
			)}
			{listed && gaps && <p class="note">{t.gaps}</p>}
		</>
	);
}

// The key is asked for when it is done, not at each letter.
function KeyField({ value, suggestions, onDone }: { value: string; suggestions: readonly string[]; onDone: (key: string) => void }) {
	const [text, setText] = useState(value);
	return (
		<form
			class="field-wide"
			onSubmit={(event) => {
				event.preventDefault();
				onDone(text.trim());
			}}
		>
			<Field id="history-key" label={t.key} hint={t.keyHint} value={text} onInput={setText} />
			<span class="suggestions">
				{suggestions.slice(0, 6).map((key) => (
					<button key={key} type="button" class="button" onClick={() => onDone(key)}>
						{key}
					</button>
				))}
			</span>
		</form>
	);
}

export function KeyOverTime() {
	const { params } = location.value;
	const list = queries.value ?? [];
	const query = params.query ?? "ip-topk";
	const rangeS = RANGES.find((s) => s === Number(params.range)) ?? 3600;
	const view = params.view === "heat" ? "heat" : "line";
	const newest = usePoll<Result>("results.latest", null, { query });
	const keys = newest.data?.query === query ? newest.data.rows.map(({ key }) => key) : [];
	const key = params.key ?? keys[0] ?? "";
	const open = connection.value === "open";
	const question = open && key !== "" ? JSON.stringify({ query, key, rangeS }) : null;
	const state = useAnswer(question, 0, () => {
		const nowUs = Date.now() * 1000;
		return call<SeriesAnswer>("results.series", { query, key, from_us: nowUs - rangeS * 1e6, to_us: nowUs });
	});
	const idle = question === null && open;
	return (
		<section class="card" aria-labelledby="series-title" data-testid="series" data-state={idle ? "idle" : state.kind} data-key={key}>
			<div class="card-head">
				<h2 id="series-title">{t.title}</h2>
			</div>
			<div class="fields fields-many">
				<SelectField
					id="history-query"
					label={t.query}
					value={query}
					options={list.map(({ name }) => [name, name] as const)}
					onInput={(name) => {
						setParam("key", null);
						setParam("query", name);
					}}
				/>
				<SelectField
					id="history-range"
					label={t.range}
					value={String(rangeS)}
					options={RANGES.map((s) => [String(s), rangeText(s)] as const)}
					onInput={(s) => setParam("range", s)}
				/>
				<KeyField key={key} value={key} suggestions={keys.filter((one) => one !== key)} onDone={(one) => setParam("key", one || null)} />
			</div>
			{idle && <Empty what={t.noKey} help={t.noKeyHelp} />}
			{!idle && state.kind === "asking" && <div class="empty">{open ? historyTexts.asking : texts.loading}</div>}
			{!idle && state.kind === "refused" && <Refused message={state.message} />}
			{!idle && state.kind === "found" && <Found answer={state.found} view={view} />}
		</section>
	);
}
