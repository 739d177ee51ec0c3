// SPDX-License-Identifier: BSD-3-Clause
// The standing queries, with what can be done to each.

import { useState } from "preact/hooks";

import type { Op, Query } from "../rpc/types";
import { goTo } from "../state/location";
import { call, connection, refreshQueries } from "../state/panel";
import { forbidden } from "../state/session";
import { texts } from "../texts";
import { queryTexts as t } from "../texts/queries";
import { ConfirmButton } from "./ConfirmButton";
import { failureText } from "./failure";

function opText(op: Op | undefined): string {
	switch (op?.type) {
		case "topk":
			return t.ops.topk(op.k);
		case "share":
			return t.ops.share(op.percent);
		case "outlier":
			return t.ops[op.method ?? "sigma"](op.x);
		case "limit":
			return t.ops.limit(op.min, op.max);
		default:
			return "";
	}
}

function windowText({ window_s: window, slide_s: slide }: Query): string {
	return window ? t.seconds(window, slide ?? 1) : t.slideOnly(slide ?? 1);
}

interface RowProps {
	query: Query;
	act: (method: string) => void;
}

function QueryRow({ query, act }: RowProps) {
	const reason = forbidden("query.remove");
	const off = connection.value !== "open" || reason !== undefined;
	return (
		<tr data-query={query.name} class={query.paused ? "dim" : ""}>
			<th scope="row">
				<span class="named">
					<code>{query.name}</code>
					{query.builtin && <span class="tag">{t.builtin}</span>}
				</span>
			</th>
			<td class="wrap wrap-short">
				{texts.resultTitle(query.key ?? "", query.metric ?? "bytes", query.op?.type ?? "")}
				<span class="hint">
					{opText(query.op)}
					{query.scope && query.scope !== "all" ? ` · ${query.scope}` : ""}
				</span>
			</td>
			<td>{windowText(query)}</td>
			<td class={query.filter ? "wrap wrap-short" : ""}>{query.filter ? <code>{query.filter}</code> : <span class="muted">–</span>}</td>
			<td>
				<span class={`chip ${query.paused ? "chip-warn" : "chip-good"}`}>
					{query.paused ? t.paused : t.running}
				</span>
			</td>
			<td class="actions">
				<button type="button" class="button" onClick={() => goTo("queries", { edit: query.name })} aria-label={`${t.change} ${query.name}`}>
					{t.change}
				</button>
				<button
					type="button"
					class="button"
					disabled={off}
					title={reason}
					aria-label={`${query.paused ? t.resume : t.pause} ${query.name}`}
					onClick={() => act(query.paused ? "query.resume" : "query.pause")}
				>
					{query.paused ? t.resume : t.pause}
				</button>
				<ConfirmButton
					label={t.remove}
					question={t.reallyRemove}
					keep={t.keep}
					name={query.name}
					reason={reason}
					onConfirm={() => act("query.remove")}
				/>
			</td>
		</tr>
	);
}

export function QueryList({ queries }: { queries: readonly Query[] }) {
	const [error, setError] = useState<string | null>(null);
	const act = async (method: string, name: string) => {
		setError(null);
		try {
			await call(method, { name });
			await refreshQueries();
		} catch (failure) {
			setError(failureText(failure));
		}
	};
	return (
		<>
			{error !== null && (
				<p class="error" role="alert">
					{error}
				</p>
			)}
			<div class="table-wide" tabIndex={0} role="region" aria-label={t.title}>
				<table class="list">
					<thead>
						<tr>
							{Object.values(t.columns).map((name) => (
								<th key={name} scope="col">
									{name}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{queries.map((query) => (
							<QueryRow key={query.name} query={query} act={(method) => void act(method, query.name)} />
						))}
					</tbody>
				</table>
			</div>
		</>
	);
}
