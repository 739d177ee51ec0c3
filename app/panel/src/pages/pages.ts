// SPDX-License-Identifier: BSD-3-Clause
// The pages by their name in the address; the first is shown where the address names none.

import type { FunctionComponent } from "preact";

import { LivePage } from "./LivePage";

export interface Page {
	name: string;
	component: FunctionComponent;
}

const live: Page = { name: "live", component: LivePage };
const pages: readonly Page[] = [live];

export function pageOf(name: string): Page {
	return pages.find((page) => page.name === name) ?? live;
}
