// SPDX-License-Identifier: BSD-3-Clause
// The picture of what was found, its table, and what can be done with both.

import { useMemo, useRef } from "preact/hooks";

import { Chart, type EChart } from "../../charts/Chart";
import { pictures } from "../../charts/explore";
import { palette } from "../../charts/palette";
import { bytesOfDataUrl, download } from "../../logic/download";
import { type Choice, type View, VIEWS } from "../../logic/explore";
import { endsOf, type Series, toCsv } from "../../logic/series";
import type { Explored } from "../../state/exploreData";
import { exploreTexts as t } from "../../texts/explore";
import { SeriesTable } from "./SeriesTable";

interface Props {
	choice: Choice;
	found: Explored;
	choose: (changes: Record<string, string>) => void;
}

function Views({ view, choose }: { view: View; choose: Props["choose"] }) {
	return (
		<fieldset class="segments">
			<legend class="hidden">{t.viewLabel}</legend>
			{VIEWS.map((name) => (
				<label key={name}>
					<input type="radio" name="view" checked={name === view} onChange={() => choose({ view: name })} />
					<span>{t.views[name]}</span>
				</label>
			))}
		</fieldset>
	);
}

function Exports({ series, found, chart }: { series: Series; found: Explored; chart: () => EChart | null }) {
	const png = () => {
		const url = chart()?.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: palette.value.surface });
		if (url) download("weir.png", bytesOfDataUrl(url), "image/png");
	};
	return (
		<span class="exports">
			<span class="muted">{t.exportLabel}</span>
			<button type="button" class="button" onClick={() => download("weir.csv", toCsv(series), "text/csv")}>
				{t.csv}
			</button>
			<button
				type="button"
				class="button"
				onClick={() => download("weir.json", JSON.stringify(found.results, null, 1), "application/json")}
			>
				{t.json}
			</button>
			<button type="button" class="button" onClick={png}>
				{t.png}
			</button>
		</span>
	);
}

function Empty({ what, help }: { what: string; help: string }) {
	return (
		<div class="empty" data-testid="why-empty">
			<strong>{what}</strong>
			<span>{help}</span>
		</div>
	);
}

export function Answer({ choice, found, choose }: Props) {
	const chart = useRef<EChart | null>(null);
	const colours = palette.value;
	const { series } = found;
	const { view } = choice;
	const pairs = series?.keys.some(({ key }) => endsOf(key) !== null) ?? false;
	const drawable = series !== null && (view !== "sankey" || pairs);
	const option = useMemo(
		() => (drawable ? pictures[view](series, colours) : null),
		[series, view, colours, drawable],
	);
	const now = choice.source === "now";
	if (!series) {
		return now ? <Empty what={t.empty} help={t.emptyHelp} /> : <Empty what={t.noHistory} help={t.noHistoryHelp} />;
	}
	const slots = series.endsMs.length;
	return (
		<>
			<div class="card-head answer-head">
				<Views view={view} choose={choose} />
				<span class="muted" data-testid="about">
					{now ? t.about(slots, series.slotS, series.keysSeen) : t.samples(slots, series.slotS)}
					{!series.exact && <span class="tag tag-warn">{t.inexact}</span>}
				</span>
				<Exports series={series} found={found} chart={() => chart.current} />
			</div>
			{now && slots === 1 && <p class="note">{t.oneSlot}</p>}
			{option ? (
				<div class="explore-chart">
					<Chart
						key={view}
						option={option}
						label={t.chartLabel(t.views[view])}
						shape={`${choice.source} ${series.keys.map(({ key }) => key).join(" ")}`}
						onReady={(ready) => (chart.current = ready)}
					/>
				</div>
			) : (
				<Empty what={t.noPairs} help={t.noPairsHelp} />
			)}
			<SeriesTable series={series} />
		</>
	);
}
