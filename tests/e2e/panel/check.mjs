// SPDX-License-Identifier: BSD-3-Clause
// Steps of a browser test: each is named, runs, and says how it went; the test goes on after a
// failure. And asking Weir the same by JSON-RPC.

import { setTimeout as sleep } from "node:timers/promises";

export const PATIENCE = 30_000; // ms for something to show up

let failed = 0;

export const failures = () => failed;

export async function step(name, run) {
	const start = Date.now();
	try {
		await run();
		console.log(`ok    ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
	} catch (error) {
		failed++;
		console.log(`FAIL  ${name}: ${error.message}`);
	}
}

export function expect(condition, text) {
	if (!condition) throw new Error(text);
}

export function same(found, wanted, what) {
	const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
	if (a !== b) throw new Error(`${what}: shown ${a}, by JSON-RPC ${b}`);
}

// Until `check` gives true; what else it gives is shown where it never does.
export async function until(what, check) {
	const end = Date.now() + PATIENCE;
	let seen;
	while (Date.now() < end) {
		seen = await check();
		if (seen === true) return;
		await sleep(100);
	}
	throw new Error(`${what}: not within ${PATIENCE / 1000} s (last: ${JSON.stringify(seen)})`);
}

export function rpcOf(url) {
	return async (method, params) => {
		const answer = await fetch(new URL("rpc", url), {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
		});
		const { result, error } = await answer.json();
		if (error) throw Object.assign(new Error(error.message), error);
		return result;
	};
}

// The numbers of table cells, from their titles: "1,234 bytes" -> 1234.
export const wholeNumber = (title) => Number(title.replace(/[^0-9.-]/g, ""));

export async function goTo(page, hash) {
	await page.evaluate((to) => (window.location.hash = to), hash);
	await page.locator(`[data-page="${hash.replace(/^#\//, "").split("?")[0]}"]`).waitFor({ timeout: PATIENCE });
}

// The error of a field is beside it, and says `words`.
export async function fieldSays(page, id, words) {
	const input = page.locator(`#${id}`);
	const error = page.locator(`#${id}-error`);
	await error.waitFor({ timeout: PATIENCE });
	const text = await error.innerText();
	expect(text.includes(words), `${id}: "${text}" does not say "${words}"`);
	expect((await input.getAttribute("aria-invalid")) === "true", `${id}: not marked`);
	const [a, b] = [await input.boundingBox(), await error.boundingBox()];
	expect(Math.abs(b.y - a.y) < a.height + 40 && Math.abs(b.x - a.x) < 60, `${id}: the error is not beside the field`);
}
