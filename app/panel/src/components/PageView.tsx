// SPDX-License-Identifier: BSD-3-Clause
// The page that the address names: loaded when it is first shown, and kept.

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Page } from "../pages/pages";
import { can, methods } from "../state/features";
import { texts } from "../texts";

const t = texts.nav;
const loaded = new Map<string, ComponentType>();

export function PageView({ page }: { page: Page }) {
	const [, setLoaded] = useState("");
	const [failed, setFailed] = useState<string | null>(null);
	const Loaded = loaded.get(page.name);

	useEffect(() => {
		document.title = `${page.title} · ${texts.title}`;
		if (loaded.has(page.name)) return;
		page.load().then(
			(module) => {
				loaded.set(page.name, module.default);
				setLoaded(page.name);
			},
			() => setFailed(page.name),
		);
	}, [page]);

	if (page.method && methods.value && !can(page.method)) {
		return (
			<div class="card empty">
				<strong>{t.missing}</strong>
				<span>{t.missingHelp(page.method)}</span>
			</div>
		);
	}
	if (Loaded) return <Loaded />;
	return <div class="card empty">{failed === page.name ? t.failed : t.loading}</div>;
}
