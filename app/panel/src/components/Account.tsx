// SPDX-License-Identifier: BSD-3-Clause
// Who is logged in, and the way out.

import { useState } from "preact/hooks";

import { logOut, session } from "../state/session";
import { texts } from "../texts";

export function Account() {
	const [busy, setBusy] = useState(false);
	const now = session.value;
	if (now === null || now.kind !== "user") return null;
	const leave = async () => {
		setBusy(true);
		await logOut();
		setBusy(false);
	};
	return (
		<span class="run" data-testid="account">
			<span class="run-state">
				{now.user} <span class="tag">{now.role}</span>
			</span>
			<button type="button" class="button" disabled={busy} onClick={leave}>
				{texts.login.logOut}
			</button>
		</span>
	);
}
