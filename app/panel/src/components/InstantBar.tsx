// SPDX-License-Identifier: BSD-3-Clause
// Pause, and which moment the page shows. The slider does for the keyboard what the pointer does on
// the chart.

import { formatZoned } from "../logic/format";
import { instantMs, pause, pausedMs, pointedMs } from "../state/instant";
import { samples } from "../state/panel";
import { texts } from "../texts";

const t = texts.instant;

export function InstantBar() {
	const paused = pausedMs.value !== null;
	const instant = instantMs.value;
	return (
		<span class="instant">
			<button type="button" class="button" aria-pressed={paused} onClick={() => pause(!paused)}>
				{paused ? t.resume : t.pause}
			</button>
			{paused && <Slider />}
			<span class="muted" data-testid="instant" data-ms={instant ?? ""}>
				{instant === null ? "" : pointedMs.value === null ? t.paused(formatZoned(instant * 1000)) : t.pointed(formatZoned(instant * 1000))}
			</span>
		</span>
	);
}

function Slider() {
	const oldest = samples.value[0]?.atMs ?? 0;
	const newest = samples.value[samples.value.length - 1]?.atMs ?? 0;
	return (
		<input
			type="range"
			aria-label={t.slider}
			aria-valuetext={formatZoned((pausedMs.value ?? 0) * 1000)}
			min={oldest}
			max={newest}
			step={1000}
			value={pausedMs.value ?? newest}
			onInput={(event) => (pausedMs.value = Number(event.currentTarget.value))}
		/>
	);
}
