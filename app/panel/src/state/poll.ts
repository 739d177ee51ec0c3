// SPDX-License-Identifier: BSD-3-Clause
// An answer that is asked for again and again while a component shows it.

import { useEffect, useState } from "preact/hooks";

import { failureText } from "../components/failure";
import { RpcError } from "../rpc/client";
import { call, connection } from "./panel";

export interface Polled<T> {
	data: T | null;
	error: string | null; // the server's words, where it refused
	refresh: () => void;
}

// everyMs null: once, and at each refresh().
export function usePoll<T>(method: string | null, everyMs: number | null, params?: unknown): Polled<T> {
	const [data, setData] = useState<T | null>(null);
	const [error, setError] = useState<string | null>(null);
	const [asked, setAsked] = useState(0);
	const open = connection.value === "open";
	const key = JSON.stringify(params);

	useEffect(() => {
		if (!open || method === null) return;
		let gone = false;
		const ask = async () => {
			if (document.hidden) return;
			try {
				const answer = await call<T>(method, params);
				if (gone) return;
				setData(answer);
				setError(null);
			} catch (failure) {
				if (!gone && failure instanceof RpcError) setError(failureText(failure));
			}
		};
		void ask();
		const timer = everyMs === null ? undefined : setInterval(ask, everyMs);
		return () => {
			gone = true;
			clearInterval(timer);
		};
		// `key` stands for `params`, which is a new object each time.
	}, [open, method, everyMs, key, asked]);

	return { data, error, refresh: () => setAsked((n) => n + 1) };
}
