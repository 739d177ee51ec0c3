// SPDX-License-Identifier: BSD-3-Clause
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Chart } from "../charts/Chart";
import { palette } from "../charts/palette";
import { trafficHeight, trafficOption } from "../charts/traffic";
import { pausedMs, pointedMs } from "../state/instant";
import { location, setParam } from "../state/location";
import { samples } from "../state/panel";
import { texts } from "../texts";
import { InstantBar } from "./InstantBar";

const CHOICES = [1, 5, 10] as const;
const DEFAULT_MINUTES = 5;

// How much time is shown is part of the address.
function minutesShown(): number {
	const asked = Number(location.value.params.minutes);
	return CHOICES.find((n) => n === asked) ?? DEFAULT_MINUTES;
}

export function Traffic() {
	const box = useRef<HTMLDivElement>(null);
	const [width, setWidth] = useState(0);
	const minutes = minutesShown();
	const until = pausedMs.value;
	const all = samples.value;
	// While paused the picture stands; what comes meanwhile is there afterwards.
	const seen = useMemo(() => (until === null ? all : all.filter((s) => s.atMs <= until)), [all, until]);
	const now = seen[seen.length - 1]?.atMs ?? null;
	const colours = palette.value;

	useEffect(() => {
		const node = box.current;
		if (!node) return;
		const observer = new ResizeObserver(() => setWidth(node.clientWidth));
		observer.observe(node);
		return () => {
			observer.disconnect();
			pointedMs.value = null;
		};
	}, []);

	const option = useMemo(
		() => trafficOption(seen, now ?? Date.now(), minutes, width, colours),
		[seen, now, minutes, width, colours],
	);
	return (
		<section class="card" aria-labelledby="traffic-title">
			<div class="card-head">
				<h2 id="traffic-title">{texts.traffic.title}</h2>
				<InstantBar />
				<fieldset class="segments">
					<legend class="hidden">{texts.traffic.range}</legend>
					{CHOICES.map((n) => (
						<label key={n}>
							<input
								type="radio"
								name="minutes"
								checked={n === minutes}
								onChange={() => setParam("minutes", n === DEFAULT_MINUTES ? null : String(n))}
							/>
							<span>{texts.traffic.minutes(n)}</span>
						</label>
					))}
				</fieldset>
			</div>
			<div ref={box} class="traffic" style={{ height: `${trafficHeight(width)}px` }}>
				<span class="traffic-name">{texts.traffic.packets}</span>
				<span class="traffic-name">{texts.traffic.bits}</span>
				{width > 0 && now !== null && (
					<Chart
						option={option}
						label={texts.traffic.label(minutes)}
						onPoint={(ms) => (pointedMs.value = ms)}
					/>
				)}
				{now === null && <div class="empty">{texts.traffic.waiting}</div>}
			</div>
		</section>
	);
}
