// SPDX-License-Identifier: BSD-3-Clause
// Shown in the place of everything else while nobody is logged in.

import { useEffect, useState } from "preact/hooks";

import { logIn } from "../state/session";
import { texts } from "../texts";

const t = texts.login;

export function LoginPage() {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string | null>(null);
	useEffect(() => {
		document.title = `${t.title} · ${texts.title}`;
		document.getElementById("login-user")?.focus();
	}, []);
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const form = event.currentTarget as HTMLFormElement;
		const fields = new FormData(form);
		setBusy(true);
		setError(null);
		const failure = await logIn(String(fields.get("user")), String(fields.get("password")));
		setBusy(false);
		setError(failure);
		if (failure !== null) form.querySelector<HTMLInputElement>("#login-password")?.select();
	};
	return (
		<main id="main" class="login" tabIndex={-1}>
			<form class="card" onSubmit={submit} data-testid="login" aria-labelledby="login-title">
				<div class="card-head">
					<img src="./favicon.svg" alt="" width="24" height="24" />
					<h1 id="login-title">{t.title}</h1>
				</div>
				<div class="field">
					<label for="login-user">{t.user}</label>
					<span class="input">
						<input id="login-user" name="user" type="text" autocomplete="username" autocapitalize="none"
							spellcheck={false} required maxLength={32} />
					</span>
				</div>
				<div class="field">
					<label for="login-password">{t.password}</label>
					<span class="input">
						<input id="login-password" name="password" type="password" autocomplete="current-password"
							required maxLength={512} aria-describedby={error === null ? undefined : "login-error"} />
					</span>
				</div>
				<div class="form-foot">
					<button type="submit" class="button button-main" disabled={busy}>
						{busy ? t.checking : t.logIn}
					</button>
					{error !== null && (
						<span class="error" id="login-error" role="alert">
							{error}
						</span>
					)}
				</div>
			</form>
		</main>
	);
}
