// SPDX-License-Identifier: BSD-3-Clause
// Store, connections and the program itself: names and values.

import { formatAge, formatCount, formatMicros, formatSi } from "../../logic/format";
import type { Stats, SystemInfo } from "../../rpc/types";
import { systemTexts } from "../../texts/system";
import { type Fact, Facts } from "../Facts";
import { Section } from "../Section";

function factsOf(of: unknown, names: Record<string, string>): Fact[] {
	const values = (typeof of === "object" && of !== null ? of : {}) as Record<string, unknown>;
	return Object.entries(names).flatMap(([id, name]): Fact[] => {
		const value = values[id];
		if (typeof value === "number") {
			if (id === "pane_ms") return [{ id, name, value: formatMicros(value * 1000) }];
			if (id === "uptime_s") return [{ id, name, value: formatAge(value) }];
			return [{ id, name, value: formatSi(value, ""), title: formatCount(value) }];
		}
		return typeof value === "string" ? [{ id, name, value, title: value }] : [];
	});
}

export function StoreState({ stats }: { stats: Stats }) {
	const { title, names, none } = systemTexts.store;
	const facts = factsOf(stats.store, names);
	return (
		<Section id="store" title={title}>
			{facts.length > 0 ? <Facts facts={facts} /> : <div class="empty">{none}</div>}
		</Section>
	);
}

export function Connections({ stats }: { stats: Stats }) {
	const { title, names } = systemTexts.control;
	return (
		<Section id="control" title={title}>
			<Facts facts={factsOf(stats.control, names)} />
		</Section>
	);
}

export function About({ info, uptime }: { info: SystemInfo; uptime: unknown }) {
	const { title, names } = systemTexts.about;
	return (
		<Section id="about" title={title}>
			<Facts facts={factsOf({ ...info, uptime_s: uptime }, names)} />
		</Section>
	);
}
