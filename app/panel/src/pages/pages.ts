// SPDX-License-Identifier: BSD-3-Clause
// The pages by their name in the address; the first is shown where the address names none. Each
// is loaded when it is first shown.

import type { ComponentType } from "preact";

import { texts } from "../texts";

export interface Page {
	name: string;
	title: string;
	load: () => Promise<{ default: ComponentType }>;
	// The method without which the page has nothing to show.
	method?: string;
}

const live: Page = { name: "live", title: texts.nav.live, load: () => import("./LivePage") };

export const pages: readonly Page[] = [
	live,
	{ name: "explore", title: texts.nav.explore, load: () => import("./ExplorePage"), method: "query.preview" },
	{ name: "flows", title: texts.nav.flows, load: () => import("./FlowsPage"), method: "flows.list" },
	{ name: "history", title: texts.nav.history, load: () => import("./HistoryPage"), method: "results.series" },
	{ name: "queries", title: texts.nav.queries, load: () => import("./QueriesPage"), method: "query.list" },
	{ name: "limits", title: texts.nav.limits, load: () => import("./LimitsPage"), method: "limits.list" },
	{ name: "generator", title: texts.nav.generator, load: () => import("./GeneratorPage"), method: "generator.get" },
	{ name: "system", title: texts.nav.system, load: () => import("./SystemPage") },
];

export function pageOf(name: string): Page {
	return pages.find((page) => page.name === name) ?? live;
}
