// SPDX-License-Identifier: BSD-3-Clause
// Bytes in and out per day and host. Days and host stand in the address.

import { useEffect, useMemo, useState } from "preact/hooks";

import { Chart } from "../../charts/Chart";
import { dayBars } from "../../charts/history";
import { palette, SERIES } from "../../charts/palette";
import { dailyCsv, daysOf, type HostSum, isDay, rangeOf, sumsOf } from "../../logic/days";
import { formatSi } from "../../logic/format";
import { type DailyFound, dailyTotals, TOTALS_MOST } from "../../state/historyData";
import { location, setParam } from "../../state/location";
import { connection } from "../../state/panel";
import { useAnswer } from "../../state/useAnswer";
import { texts } from "../../texts";
import { historyTexts } from "../../texts/history";
import { type Column, DataTable } from "../DataTable";
import { Field } from "../Field";
import { Empty, Exports, Refused, Source } from "./Parts";

const t = historyTexts.daily;
const ROWS = 100;

function column(name: keyof typeof t.columns & keyof HostSum, unit: string): Column<HostSum> {
	return {
		name: t.columns[name],
		number: true,
		sort: (row) => row[name] as number,
		cell: (row) => formatSi(row[name] as number, unit),
		title: (row) => String(row[name]),
	};
}

const COLUMNS: Column<HostSum>[] = [
	{ name: t.columns.host, sort: ({ host }) => host, cell: ({ host }) => <code>{host}</code> },
	column("inBytes", "B"),
	column("inPackets", ""),
	column("outBytes", "B"),
	column("outPackets", ""),
];

function Found({ found }: { found: DailyFound }) {
	const { totals } = found;
	const colours = palette.value;
	const days = useMemo(() => daysOf(totals, SERIES), [totals]);
	const sums = useMemo(() => sumsOf(totals), [totals]);
	const option = useMemo(() => dayBars(days, colours), [days, colours]);
	if (totals.length === 0) {
		return (
			<>
				{found.missing !== null && <Source source={found.source} missing={found.missing} />}
				<Empty what={t.none} help={t.noneHelp} />
			</>
		);
	}
	return (
		<>
			<div class="card-head answer-head">
				<span class="muted" data-testid="about">
					{t.about(days.count, days.days.length)}
				</span>
				<Source source={found.source} missing={found.missing} />
				<Exports name="weir-daily" csv={() => dailyCsv(totals)} json={totals} />
			</div>
			{found.cut && <p class="note">{t.tooMany(TOTALS_MOST)}</p>}
			<div class="explore-chart">
				<Chart option={option} label={t.chartLabel} shape={`${days.days.join()} ${days.hosts.map(({ host }) => host).join()}`} />
			</div>
			<DataTable label={t.tableLabel} columns={COLUMNS} rows={sums.slice(0, ROWS)} keyOf={({ host }) => host} sortParam="by" />
			{sums.length > ROWS && <p class="note">{t.moreRows(sums.length - ROWS)}</p>}
		</>
	);
}

interface Draft {
	from: string;
	to: string;
	host: string;
}

type Faults = Partial<Record<keyof Draft, string>>;

function faultsOf({ from, to }: Draft): Faults {
	if (!isDay(from)) return { from: t.badDay };
	if (!isDay(to)) return { to: t.badDay };
	return from > to ? { to: t.order } : {};
}

function Controls({ draft, set, faults, onShow }: { draft: Draft; set: (d: Draft) => void; faults: Faults; onShow: () => void }) {
	const field = (name: keyof Draft, label: string, hint?: string) => (
		<Field
			id={`history-${name}`}
			label={label}
			value={draft[name]}
			error={faults[name]}
			onInput={(text) => set({ ...draft, [name]: text.trim() })}
			{...(hint === undefined ? {} : { hint })}
		/>
	);
	return (
		<form
			class="fields fields-many"
			onSubmit={(event) => {
				event.preventDefault();
				onShow();
			}}
		>
			{field("from", t.from)}
			{field("to", t.to)}
			{field("host", t.host, t.hostHint)}
			<button type="submit" class="button field-button">
				{historyTexts.show}
			</button>
		</form>
	);
}

export function DailyTotals() {
	const { params } = location.value;
	const asked: Draft = { ...rangeOf(params, Date.now()), host: params.host ?? "" };
	const [draft, setDraft] = useState(asked);
	const [again, setAgain] = useState(0);
	// The address may change without the fields: a link, back and forward.
	useEffect(() => setDraft(asked), [JSON.stringify(asked)]);
	const open = connection.value === "open";
	const askedFaults = faultsOf(asked);
	const askable = open && Object.keys(askedFaults).length === 0;
	const state = useAnswer(askable ? JSON.stringify(asked) : null, again, () => dailyTotals(asked, asked.host));
	const show = () => {
		for (const name of ["from", "to", "host"] as const) setParam(name, draft[name] === "" ? null : draft[name]);
		setAgain((n) => n + 1);
	};
	const refused: Faults = state.kind === "refused" && state.field !== "" ? { [state.field]: state.message } : {};
	const bad = Object.keys(askedFaults).length > 0;
	return (
		<section class="card" aria-labelledby="daily-title" data-testid="daily" data-state={bad ? "refused" : state.kind}>
			<div class="card-head">
				<h2 id="daily-title">{t.title}</h2>
			</div>
			<Controls draft={draft} set={setDraft} faults={{ ...refused, ...askedFaults }} onShow={show} />
			{!bad && state.kind === "asking" && <div class="empty">{open ? historyTexts.asking : texts.loading}</div>}
			{!bad && state.kind === "refused" && <Refused message={state.message} />}
			{!bad && state.kind === "found" && <Found found={state.found} />}
		</section>
	);
}

