// SPDX-License-Identifier: BSD-3-Clause
// Any question to what is retained or stored; the question is the address.

import { useEffect, useState } from "preact/hooks";

import { Answer } from "../components/explore/Answer";
import { Controls } from "../components/explore/Controls";
import { failureText } from "../components/failure";
import { type Choice, choiceOf } from "../logic/explore";
import { RpcError } from "../rpc/client";
import { type Explored, explore } from "../state/exploreData";
import { goTo, location, setParam } from "../state/location";
import { connection, queries } from "../state/panel";
import { texts } from "../texts";
import { exploreTexts as t } from "../texts/explore";

type State =
	| { kind: "asking" }
	| { kind: "found"; choice: Choice; found: Explored }
	| { kind: "refused"; message: string; fields: Partial<Record<string, string>> };

const ASKING: State = { kind: "asking" };

function refused(failure: unknown): State {
	const faults = failure instanceof RpcError ? failure.faults : [];
	const fields = Object.fromEntries(faults.map(({ field, message }) => [field, message]));
	return { kind: "refused", message: failureText(failure), fields };
}

// The answer to the question as it stands; that to an older one is none.
function useAnswer(choice: Choice, ready: boolean): { state: State; ask: () => void } {
	const [answer, setAnswer] = useState<{ to: string; state: State }>({ to: "", state: ASKING });
	const [asked, setAsked] = useState(0);
	const question = JSON.stringify({ ...choice, view: null });
	useEffect(() => {
		if (!ready) return;
		let gone = false;
		const take = (state: State) => !gone && setAnswer({ to: question, state });
		explore(choice).then(
			(found) => take({ kind: "found", choice, found }),
			(failure: unknown) => take(refused(failure)),
		);
		return () => {
			gone = true;
		};
	}, [question, asked, ready]);
	return { state: answer.to === question ? answer.state : ASKING, ask: () => setAsked((n) => n + 1) };
}

function makeQuery({ key, metric, scope, filter, rangeS }: Choice): void {
	const window = rangeS > 3600 ? "3600" : String(rangeS);
	goTo("queries", { new: "1", key, metric, scope, filter, window_s: window, op: "topk" });
}

export default function ExplorePage() {
	const list = queries.value ?? [];
	const builtin = list.find(({ builtin: is }) => is);
	const choice = choiceOf(location.value.params, builtin?.scope ?? "all");
	const ready = connection.value === "open" && queries.value !== null;
	const { state, ask } = useAnswer(choice, ready);
	const choose = (changes: Record<string, string>) => {
		for (const [name, value] of Object.entries(changes)) setParam(name, value === "" ? null : value);
	};
	return (
		<div class="page" data-page="explore">
			<section class="card" aria-labelledby="explore-title">
				<div class="card-head">
					<h2 id="explore-title">{t.title}</h2>
					<span class="push exports">
						<button type="button" class="button" disabled={!ready} onClick={ask}>
							{t.ask}
						</button>
						<button type="button" class="button" onClick={() => makeQuery(choice)}>
							{t.makeQuery}
						</button>
					</span>
				</div>
				<Controls
					choice={choice}
					queries={list}
					error={state.kind === "refused" ? state.fields : {}}
					choose={choose}
				/>
			</section>
			<section class="card answer" aria-label={t.tableTitle} data-testid="answer" data-state={state.kind}>
				{state.kind === "asking" && <div class="empty">{ready ? t.asking : texts.loading}</div>}
				{state.kind === "refused" && (
					<div class="empty" role="alert">
						<strong>{state.message}</strong>
						{state.fields.key && <span>{t.refusedHelp}</span>}
					</div>
				)}
				{state.kind === "found" && (
					<Answer choice={{ ...state.choice, view: choice.view }} found={state.found} choose={choose} />
				)}
			</section>
		</div>
	);
}
