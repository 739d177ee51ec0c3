// SPDX-License-Identifier: BSD-3-Clause
// A filter, checked by the server while it is typed, with the words that may come next.

import { useEffect, useState } from "preact/hooks";

import { complete, suggest } from "../logic/filterHelp";
import { RpcError } from "../rpc/client";
import { call } from "../state/panel";
import { queryTexts } from "../texts/queries";
import { Field } from "./Field";

const t = queryTexts.filter;
const PAUSE_MS = 400;

interface Props {
	id: string;
	value: string;
	error: string | undefined;
	onInput: (value: string) => void;
}

type Verdict = { kind: "none" | "good" } | { kind: "bad"; message: string };

// A preview of the total asks nothing of anyone, and reads the filter. That nothing is retained for
// it is no fault of the filter.
async function check(filter: string): Promise<Verdict> {
	try {
		await call("query.preview", { key: "total", op: { type: "topk", k: 1 }, filter });
	} catch (failure) {
		if (!(failure instanceof RpcError)) return { kind: "none" };
		const fault = failure.faults.find(({ field }) => field === "filter");
		if (fault) return { kind: "bad", message: fault.message };
	}
	return { kind: "good" };
}

function useVerdict(filter: string): Verdict {
	const [verdict, setVerdict] = useState<Verdict>({ kind: "none" });
	useEffect(() => {
		let gone = false;
		setVerdict({ kind: "none" });
		if (filter === "") return;
		const timer = setTimeout(() => {
			void check(filter).then((found) => !gone && setVerdict(found));
		}, PAUSE_MS);
		return () => {
			gone = true;
			clearTimeout(timer);
		};
	}, [filter]);
	return verdict;
}

export function FilterField({ id, value, error, onInput }: Props) {
	const verdict = useVerdict(value.trim());
	const words = suggest(value, t.words);
	const take = (word: string) => {
		onInput(complete(value, word));
		document.getElementById(id)?.focus();
	};
	return (
		<div class="field-wide filter">
			<Field
				id={id}
				{...queryTexts.fields.filter}
				value={value}
				error={error ?? (verdict.kind === "bad" ? verdict.message : undefined)}
				onInput={onInput}
			/>
			{verdict.kind === "good" && (
				<span class="hint good" role="status">
					{t.good}
				</span>
			)}
			{words.length > 0 && (
				<ul class="suggestions" aria-label={t.suggestions}>
					{words.map(([word, example, meaning]) => (
						<li key={word}>
							<button type="button" class="button" title={example} onClick={() => take(word)}>
								<code>{word}</code> {meaning}
							</button>
						</li>
					))}
				</ul>
			)}
		</div>
	);
}
