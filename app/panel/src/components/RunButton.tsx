// SPDX-License-Identifier: BSD-3-Clause
// Starts or stops something, and says why where it could not.

import { useState } from "preact/hooks";

import { connection } from "../state/panel";
import { forbidden } from "../state/session";
import { failureText } from "./failure";

interface Props {
	running: boolean | undefined; // undefined: not known
	start: string;
	stop: string;
	short?: string; // shown in place of the whole, which is then read out
	run: (run: boolean) => Promise<void>;
	method: string; // whose role is needed
}

export function RunButton({ running, start, stop, short, run, method }: Props) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string | null>(null);
	const reason = forbidden(method);
	const name = running ? stop : start;
	const toggle = async () => {
		setBusy(true);
		setError(null);
		try {
			await run(!running);
		} catch (failure) {
			setError(failureText(failure));
		} finally {
			setBusy(false);
		}
	};
	return (
		<span class="run-button">
			<button
				type="button"
				class={`button ${running ? "" : "button-main"}`}
				disabled={running === undefined || busy || reason !== undefined || connection.value !== "open"}
				title={reason}
				aria-label={short ? name : undefined}
				onClick={toggle}
			>
				<i class={running ? "icon-stop" : "icon-start"} aria-hidden="true" />
				{short ?? name}
			</button>
			{error !== null && (
				<span class="error" role="alert">
					{error}
				</span>
			)}
		</span>
	);
}
