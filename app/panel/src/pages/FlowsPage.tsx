// SPDX-License-Identifier: BSD-3-Clause
// Flows that live now; which, in what order, whether it stands still and whose record is open is the
// address.

import { useRef } from "preact/hooks";

import { FlowControls } from "../components/flows/FlowControls";
import { FlowRecord } from "../components/flows/FlowRecord";
import { FlowTable } from "../components/flows/FlowTable";
import { type Flow, type FlowChoice, flowChoiceOf, flowId, type FlowList } from "../logic/flows";
import { formatZoned } from "../logic/format";
import { location, setParam } from "../state/location";
import { processor } from "../state/panel";
import { usePoll } from "../state/poll";
import { texts } from "../texts";
import { flowTexts as t } from "../texts/flows";

const EVERY_MS = 2000;

function choose(changes: Record<string, string | null>): void {
	for (const [name, value] of Object.entries(changes)) setParam(name, value === "" ? null : value);
}

function Nothing({ list, filtered }: { list: FlowList; filtered: boolean }) {
	if (filtered && list.total > 0) {
		return (
			<div class="empty">
				<strong>{t.noMatch(list.total)}</strong>
				<span>{t.noMatchHelp}</span>
				<button type="button" class="button" onClick={() => choose({ filter: null })}>
					{t.clear}
				</button>
			</div>
		);
	}
	const stopped = processor.value?.running === false;
	return (
		<div class="empty">
			<strong>{stopped ? t.noneStopped : t.none}</strong>
			<span>{stopped ? t.noneStoppedHelp : t.noneHelp}</span>
		</div>
	);
}

// The record that is open: the newest that came of that flow.
function useRecord(id: string | null, list: FlowList | null): { flow: Flow; gone: boolean } | null {
	const last = useRef<Flow | null>(null);
	const found = list?.flows.find((flow) => flowId(flow) === id);
	if (found) last.current = found;
	const kept = last.current;
	return kept && flowId(kept) === id ? { flow: kept, gone: !found } : null;
}

// Asked again and again; paused, once. An answer to another question is old.
function useFlows({ filter, sort, order, limit, paused }: FlowChoice) {
	const question = { filter, sort, order, limit };
	const key = JSON.stringify(question);
	const polled = usePoll<FlowList>("flows.list", paused ? null : EVERY_MS, question);
	const of = useRef<{ key: string; data: FlowList | null }>({ key, data: null });
	if (of.current.data !== polled.data) of.current = { key, data: polled.data };
	return { list: polled.data, fresh: of.current.key === key, error: polled.error };
}

export default function FlowsPage() {
	const choice = flowChoiceOf(location.value.params);
	const { list, fresh, error } = useFlows(choice);
	const record = useRecord(choice.flow, list);
	const filterError = error?.startsWith("filter:") ? error : undefined;
	const rows = filterError ? [] : (list?.flows ?? []);
	return (
		<div class="page" data-page="flows">
			<section class="card" aria-labelledby="flows-title" aria-busy={!fresh} data-testid="flows">
				<div class="card-head">
					<h2 id="flows-title">{t.title}</h2>
					{list && <span class="muted">{t.taken(formatZoned(list.taken.to_us))}</span>}
					<span class="push exports">
						{choice.paused && <span class="chip chip-warn">{t.paused}</span>}
						<button type="button" class="button" onClick={() => choose({ paused: choice.paused ? null : "1" })}>
							{choice.paused ? t.resume : t.pause}
						</button>
					</span>
				</div>
				<FlowControls choice={choice} filterError={filterError} choose={choose} />
				{error !== null && !filterError && (
					<p class="error" role="alert">
						{error}
					</p>
				)}
				{!list && error === null && <div class="empty">{texts.nav.loading}</div>}
				{list && !filterError && (
					<p class="note" data-testid="flow-counts">
						{t.counts(list.shown, list.matched, list.total)}. {t.sums(list.bytes, list.packets)}.{" "}
						<span class="flow-legend">
							<i class="there" aria-hidden="true" /> {t.record.parts.fwd} <i class="back" aria-hidden="true" /> {t.record.parts.rev}
						</span>
					</p>
				)}
				{rows.length > 0 && (
					<FlowTable
						flows={rows}
						choice={choice}
						onSort={(sort, order) => choose({ sort, order })}
						onOpen={(id) => choose({ flow: id === choice.flow ? null : id })}
					/>
				)}
				{list && !filterError && rows.length === 0 && <Nothing list={list} filtered={choice.filter !== ""} />}
			</section>
			{record && (
				<FlowRecord
					{...record}
					onClose={() => choose({ flow: null })}
					onOnly={(filter) => choose({ filter })}
				/>
			)}
		</div>
	);
}
