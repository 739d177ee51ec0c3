// SPDX-License-Identifier: BSD-3-Clause
// The generator: what it does now, start and stop, and its profile.

import { formatCount, formatMicros, formatSi } from "../logic/format";
import {
	changesOf,
	type Draft,
	type DraftField,
	draftOf,
	fieldOfPath,
} from "../logic/profile";
import type { Generator, Latency, Profile } from "../rpc/types";
import { connection, generator, runGenerator, setGenerator } from "../state/panel";
import { texts } from "../texts";
import { FormFoot } from "./FormFoot";
import { GeneratorFields } from "./GeneratorFields";
import { RunButton } from "./RunButton";
import { useForm } from "./useForm";

const t = texts.generator;

export function GeneratorForm() {
	const state = generator.value;
	return (
		<section class="card" aria-labelledby="generator-title" data-testid="generator">
			<div class="card-head">
				<h2 id="generator-title">{t.title}</h2>
				{state.kind === "present" && (
					<RunButton
						running={state.generator.running}
						start={t.start}
						stop={t.stop}
						run={runGenerator}
						method="generator.start"
					/>
				)}
			</div>
			{state.kind === "none" && (
				<div class="empty">
					<strong>{t.none}</strong>
					<span>{t.noneDetail(state.reason)}</span>
					<span>{t.noneHelp}</span>
				</div>
			)}
			{state.kind === "unknown" && <div class="empty">{texts.loading}</div>}
			{state.kind === "present" && (
				<>
					<Counters generator={state.generator} />
					<ProfileForm generator={state.generator} />
				</>
			)}
		</section>
	);
}

const LATENCIES = ["p50_us", "p99_us", "p999_us", "max_us", "jitter_us"] as const;

function latencyRows(latency: Latency): [string, string, string][] {
	const title = t.latencyTitle(formatCount(latency.packets));
	return LATENCIES.map((name) => [t.latency[name], formatMicros(latency[name]), title]);
}

function Counters({ generator: g }: { generator: Generator }) {
	const rows: [string, string, string][] = [
		[t.rate, formatSi(g.running ? g.achieved_pps : 0, "pps"), formatCount(g.achieved_pps)],
		[t.sent, formatSi(g.sent, ""), formatCount(g.sent)],
		[t.dropped, formatSi(g.dropped, ""), formatCount(g.dropped)],
		[t.late, formatSi(g.late, ""), formatCount(g.late)],
	];
	if (g.latency) rows.push(...latencyRows(g.latency));
	return (
		<dl class="counters">
			{rows.map(([name, value, exact]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd title={exact}>{value}</dd>
				</div>
			))}
		</dl>
	);
}

function ProfileForm({ generator: g }: { generator: Generator }) {
	const base = draftOf(g.profile);
	const form = useForm<DraftField, Profile>({
		read: (edits) => changesOf({ ...base, ...edits }, base),
		send: async (changes) => {
			if (Object.keys(changes).length > 0) await setGenerator(changes);
		},
		fieldOf: (path) => fieldOfPath(path, draft),
	});
	const draft: Draft = { ...base, ...form.edits };

	return (
		<form onSubmit={form.submit} noValidate data-testid="generator-form">
			<GeneratorFields draft={draft} errors={form.errors} edit={form.edit} />
			<FormFoot
				dirty={form.dirty}
				phase={form.phase}
				error={form.problem}
				enabled={connection.value === "open"}
				method="generator.set"
				onRevert={() => form.reset()}
			/>
		</form>
	);
}
