// SPDX-License-Identifier: BSD-3-Clause
// One JSON-RPC call by POST /rpc: for what comes before the websocket.

export interface Answer {
	result?: unknown;
	error?: { code: number; message: string };
}

// Rejects where there is no answer of JSON-RPC.
export async function answerOf(method: string, params?: unknown): Promise<Answer> {
	const response = await fetch(new URL("rpc", document.baseURI), {
		method: "POST",
		credentials: "same-origin",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
	});
	const answer = (await response.json()) as Answer;
	if (!response.ok || (answer.result === undefined && answer.error === undefined)) {
		throw new Error(`${method}: ${response.status}`);
	}
	return answer;
}
