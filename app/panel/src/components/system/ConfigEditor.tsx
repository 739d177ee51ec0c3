// SPDX-License-Identifier: BSD-3-Clause
// The configuration as one document: what a change would do, doing it, and confirming it in time.

import { useEffect, useState } from "preact/hooks";

import { parseNumber } from "../../logic/validate";
import { RpcError } from "../../rpc/client";
import { call, clockMs, connection } from "../../state/panel";
import { usePoll } from "../../state/poll";
import { forbidden } from "../../state/session";
import { systemTexts } from "../../texts/system";
import { DataTable } from "../DataTable";
import { failureText } from "../failure";
import { AreaField, Field } from "../Field";
import { Section } from "../Section";

const t = systemTexts.config;
const ROWS = 18;
const WAIT = { min: 0, max: 86400 };

interface Change {
	field: string;
	from: unknown;
	to: unknown;
	restart: boolean;
}

interface Answer {
	applied: boolean;
	changes: Change[];
	confirm_s?: number;
}

const shown = (value: unknown) => (value === undefined ? "–" : JSON.stringify(value));

const COLUMNS = [
	{ name: t.columns.path, cell: ({ field }: Change) => <code>{field}</code> },
	{ name: t.columns.old, wrap: true, cell: ({ from }: Change) => <code>{shown(from)}</code> },
	{ name: t.columns.new, wrap: true, cell: ({ to }: Change) => <code>{shown(to)}</code> },
	{ name: t.columns.restart, cell: ({ restart }: Change) => (restart ? t.afterRestart : t.atOnce) },
];

// Everything that is wrong, one line each.
function faultsOf(failure: unknown): string {
	const faults = failure instanceof RpcError ? failure.faults : [];
	return faults.length > 0 ? faults.map(({ message }) => message).join("\n") : failureText(failure);
}

// null: text is no JSON, and `report` was told.
function parse(text: string, report: (error: string) => void): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		report(t.notJson((error as Error).message));
		return null;
	}
}

export function ConfigEditor() {
	const { data, refresh } = usePoll<unknown>("config.get", null);
	const [text, setText] = useState<string | null>(null);
	const [wait, setWait] = useState("60");
	const [error, setError] = useState<string | undefined>(undefined);
	const [answer, setAnswer] = useState<Answer | null>(null);
	const [untilMs, setUntilMs] = useState<number | null>(null);
	const [said, setSaid] = useState("");
	const seconds = parseNumber(wait, WAIT);
	const document = text ?? (data === null ? "" : JSON.stringify(data, null, "\t"));
	const left = untilMs === null ? 0 : Math.ceil((untilMs - clockMs.value) / 1000);
	const reason = forbidden("config.set");
	const off = connection.value !== "open" || data === null;

	const leave = (what: string) => {
		setUntilMs(null);
		setText(null);
		setAnswer(null);
		setSaid(what);
		refresh();
	};
	// Not confirmed in time: the server has gone back.
	useEffect(() => {
		if (untilMs !== null && left <= 0) leave(t.rolledBack);
	}, [untilMs, left]);

	const attempt = async (run: () => Promise<void>) => {
		setError(undefined);
		setSaid("");
		try {
			await run();
		} catch (failure) {
			setError(faultsOf(failure));
		}
	};
	const send = (dryRun: boolean) =>
		attempt(async () => {
			const config = parse(document, setError);
			if (config === null || !seconds.ok) return;
			const params = dryRun ? { dry_run: true } : { confirm_s: seconds.value };
			const found = await call<Answer>("config.set", { config, replace: true, ...params });
			setAnswer(found);
			if (dryRun) return;
			setUntilMs(seconds.value > 0 ? Date.now() + seconds.value * 1000 : null);
			if (seconds.value === 0) leave(t.applied);
		});
	const end = (method: string, what: string) =>
		attempt(async () => {
			await call(method);
			leave(what);
		});

	return (
		<Section id="config" title={systemTexts.config.title} note={t.note}>
			<div class="fields config">
				<AreaField
					id="config-document"
					{...t.document}
					rows={ROWS}
					value={document}
					error={error}
					onInput={(next) => {
						setText(next);
						setAnswer(null);
						setError(undefined);
					}}
				/>
				<Field
					id="config-wait"
					numeric
					unit="s"
					{...t.confirmSeconds}
					value={wait}
					error={seconds.ok ? undefined : seconds.error}
					onInput={setWait}
				/>
			</div>
			<div class="form-foot">
				<button type="button" class="button button-main" disabled={off || reason !== undefined || text === null || untilMs !== null} title={reason} onClick={() => send(true)}>
					{t.check}
				</button>
				<button
					type="button"
					class="button"
					disabled={off || untilMs !== null || !answer || answer.applied || answer.changes.length === 0}
					onClick={() => send(false)}
				>
					{t.apply}
				</button>
				<button type="button" class="button" disabled={off} onClick={() => leave("")}>
					{t.revert}
				</button>
				<span class="form-status" role="status">
					{reason ?? said}
				</span>
			</div>
			{untilMs !== null && left > 0 && (
				<div class="banner" role="status">
					<span>{t.waiting(left)}</span>
					<button type="button" class="button button-main" onClick={() => end("config.confirm", t.confirmed)}>
						{t.confirm}
					</button>
					<button type="button" class="button" onClick={() => end("config.rollback", t.rolledBack)}>
						{t.rollback}
					</button>
				</div>
			)}
			{answer && <Difference changes={answer.changes} />}
		</Section>
	);
}

function Difference({ changes }: { changes: readonly Change[] }) {
	return (
		<div data-testid="difference">
			{changes.length === 0 ? (
				<div class="empty">{t.noChange}</div>
			) : (
				<DataTable label={t.check} columns={COLUMNS} rows={changes} keyOf={({ field }) => field} />
			)}
		</div>
	);
}
