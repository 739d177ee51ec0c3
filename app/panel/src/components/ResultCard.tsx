// SPDX-License-Identifier: BSD-3-Clause
// A query's latest result: bars, the sentence that explains them where there are none, and the
// table with the same values.

import { useMemo, useRef, useState } from "preact/hooks";

import { barsHeight, barsOption, type Mark } from "../charts/bars";
import { Chart } from "../charts/Chart";
import { palette } from "../charts/palette";
import { formatCount, formatSi, formatUtc, formatWindow, metricUnit } from "../logic/format";
import { Slots } from "../logic/slots";
import type { Query, Result } from "../rpc/types";
import { resultShown } from "../state/instant";
import { connection, generator, queries, resultOf } from "../state/panel";
import { texts } from "../texts";
import { BARS_SHOWN, describeBars } from "./resultBars";
import { explainEmpty } from "./resultText";
import { ResultTable } from "./ResultTable";
import { useVisible } from "./useVisible";

const t = texts.results;
// With more queries than this bars jump to their new ranks: to move them takes most of the time.
const MOVING = 12;

interface Props {
	query: Query;
	running: boolean; // the processor
}

// A card that is scrolled out of sight follows no results.
export function ResultCard({ query, running }: Props) {
	const box = useRef<HTMLElement>(null);
	const visible = useVisible(box);
	const title = texts.resultTitle(query.key ?? "", query.metric ?? "bytes", query.op?.type ?? "");
	const id = `result-${query.name}`;
	return (
		<article ref={box} class="card result" aria-labelledby={id} data-query={query.name}>
			<div class="card-head">
				<h3 id={id}>{title}</h3>
				<code class="muted">{query.name}</code>
			</div>
			{visible && <Content query={query.name} title={title} running={running} />}
		</article>
	);
}

function Content({ query, title, running }: { query: string; title: string; running: boolean }) {
	const result = resultShown(query, resultOf(query).value);
	if (result) {
		return (
			<>
				<Meta result={result} running={running} />
				<Body result={result} title={title} running={running} />
			</>
		);
	}
	return (
		<div class="empty">
			<strong>{running ? t.waiting : t.waitingStopped}</strong>
			{running && <span>{t.waitingHelp}</span>}
		</div>
	);
}

function Meta({ result, running }: { result: Result; running: boolean }) {
	const { window, exact } = result;
	const total = result.total[result.metric];
	const utc = t.windowTitle(formatUtc(window.start_us), formatUtc(window.end_us));
	return (
		<p class="meta">
			<span title={utc} data-testid="window" data-end={window.end_us}>
				{formatWindow(window)}
			</span>
			<span title={formatCount(total)}>
				{t.total(formatSi(total, metricUnit(result.metric) || ` ${result.metric}`))}
			</span>
			<span class="meta-end">
				{!running && <span class="tag">{t.stopped}</span>}
				<span
					class={`tag ${exact ? "" : "tag-warn"}`}
					title={exact ? t.exactHelp : t.approximateHelp}
				>
					{exact ? t.exact : t.approximate}
				</span>
			</span>
		</p>
	);
}

function Legend({ marks }: { marks: readonly Mark[] }) {
	if (marks.length === 0) return null;
	return (
		<ul class="legend">
			{marks.map((mark) => (
				<li key={mark.name}>
					<i class={mark.strong ? "mark mark-strong" : "mark"} aria-hidden="true" />
					{mark.name} <b>{mark.text}</b>
				</li>
			))}
		</ul>
	);
}

interface BodyProps {
	result: Result;
	title: string;
	running: boolean;
}

function Body({ result, title, running }: BodyProps) {
	const slots = useRef(new Slots());
	const [lit, setLit] = useState<string | null>(null);
	const colours = palette.value;
	const picture = useMemo(() => describeBars(result, slots.current, colours), [result, colours]);
	const option = useMemo(
		() => barsOption(picture.bars, colours, picture, lit),
		[picture, colours, lit],
	);
	const state = generator.value;
	const empty = explainEmpty(result, {
		running: running && connection.value !== "closed",
		generatorStopped: state.kind === "present" && !state.generator.running,
	});
	const height = barsHeight(picture.rows);
	return (
		<>
			<div class="result-picture">
				{picture.worthDrawing && <Legend marks={picture.marks} />}
				<div class="result-chart" style={{ height: `${height}px` }} hidden={!picture.worthDrawing}>
					{picture.worthDrawing && (
						// The sorted axis of ECharts does not grow: another number of bars is another chart.
						<Chart
							option={option}
							label={t.chartLabel(title)}
							shape={picture.bars.length}
							onName={setLit}
							still={(queries.value?.length ?? 0) > MOVING}
						/>
					)}
				</div>
				{empty && (
					<div class="empty" data-testid="why-empty">
						<strong>{empty.what}</strong>
						{empty.help && <span>{empty.help}</span>}
					</div>
				)}
			</div>
			<ResultTable result={result} label={t.tableLabel(title)} title={title} lit={lit} onLit={setLit} />
			<p class="meta result-foot">
				<span>{t.shown(result.rows.length, result.keys, result.key)}</span>
				{result.rows.length > BARS_SHOWN && (
					<span class="meta-end">{t.chartLimit(BARS_SHOWN)}</span>
				)}
			</p>
		</>
	);
}
