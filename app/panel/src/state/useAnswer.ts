// SPDX-License-Identifier: BSD-3-Clause
// The answer to a question as it stands; that to an older one is none.

import { useEffect, useState } from "preact/hooks";

import { failureText } from "../components/failure";
import { RpcError } from "../rpc/client";

export type Answered<T> =
	| { kind: "asking" }
	| { kind: "found"; found: T }
	| { kind: "refused"; message: string; field: string };

const ASKING = { kind: "asking" } as const;

// question: null while it cannot be asked. `ask` is called anew when it, or `again`, changes.
export function useAnswer<T>(question: string | null, again: number, ask: () => Promise<T>): Answered<T> {
	const [answer, setAnswer] = useState<{ to: string; state: Answered<T> }>({ to: "", state: ASKING });
	useEffect(() => {
		if (question === null) return;
		let gone = false;
		const take = (state: Answered<T>) => !gone && setAnswer({ to: question, state });
		ask().then(
			(found) => take({ kind: "found", found }),
			(failure: unknown) =>
				take({
					kind: "refused",
					message: failureText(failure),
					field: failure instanceof RpcError ? (failure.faults[0]?.field ?? "") : "",
				}),
		);
		return () => {
			gone = true;
		};
	}, [question, again]);
	return answer.to === question ? answer.state : ASKING;
}
