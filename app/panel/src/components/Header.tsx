// SPDX-License-Identifier: BSD-3-Clause
// Who this is, whether it is heard, whether it measures.

import { formatZone } from "../logic/format";
import {
	clockMs,
	connection,
	processor,
	retryAtMs,
	runProcessor,
	stale,
	system,
} from "../state/panel";
import { chooseTheme, theme, THEMES } from "../state/theme";
import { texts } from "../texts";
import { Account } from "./Account";
import { RunButton } from "./RunButton";

export function Header() {
	const info = system.value;
	const name = info?.appliance ?? info?.hostname ?? info?.name;
	return (
		<header class="header">
			<a class="brand" href="#/live">
				<img src="./favicon.svg" alt="" width="24" height="24" />
				<h1>{texts.title}</h1>
			</a>
			<div class="appliance">
				<strong>{typeof name === "string" ? name : ""}</strong>
				<span class="muted">{typeof info?.version === "string" ? info.version : ""}</span>
				<span class="muted" data-testid="zone">
					{texts.zone(formatZone(clockMs.value * 1000))}
				</span>
			</div>
			<ConnectionChip />
			<div class="header-end">
				<ProcessorState />
				<ThemeChoice />
				<Account />
			</div>
		</header>
	);
}

function ConnectionChip() {
	const t = texts.connection;
	const state = connection.value;
	let text: string = t.connecting;
	if (state === "waiting") {
		text = t.waiting(Math.max(0, Math.ceil(((retryAtMs.value ?? 0) - clockMs.value) / 1000)));
	} else if (state === "open") text = stale.value ? t.stale : t.open;
	const tone = state === "open" ? (stale.value ? "warn" : "good") : "bad";
	return (
		<span class={`chip chip-${tone}`} data-testid="connection" data-state={state}>
			<i class="dot" aria-hidden="true" />
			{text}
		</span>
	);
}

function ProcessorState() {
	const t = texts.processor;
	const running = processor.value?.running;
	return (
		<div class="run" data-testid="processor">
			<span class="run-state">
				<i
					class={`dot ${running === undefined ? "" : running ? "dot-good" : "dot-idle"}`}
					aria-hidden="true"
				/>
				{running === undefined ? t.unknown : running ? t.running : t.stopped}
			</span>
			<RunButton
				running={running}
				start={t.start}
				stop={t.stop}
				short={running ? t.stopShort : t.startShort}
				run={runProcessor}
				method="processor.start"
			/>
		</div>
	);
}

function ThemeChoice() {
	return (
		<fieldset class="segments">
			<legend class="hidden">{texts.theme.label}</legend>
			{THEMES.map((name) => (
				<label key={name}>
					<input
						type="radio"
						name="theme"
						value={name}
						checked={theme.value === name}
						onChange={() => chooseTheme(name)}
					/>
					<span>{texts.theme[name]}</span>
				</label>
			))}
		</fieldset>
	);
}
