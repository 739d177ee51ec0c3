// SPDX-License-Identifier: BSD-3-Clause
// The page Explore against a running demo.

import { readFileSync } from "node:fs";

import { expect, goTo, PATIENCE, same, step, until } from "./check.mjs";

const answer = (page) => page.getByTestId("answer");

async function settled(page, state = "found") {
	await until(`answer ${state}`, async () => {
		const seen = await answer(page).getAttribute("data-state");
		return seen === state || `${seen}: ${await answer(page).innerText()}`;
	});
}

async function saved(page, name) {
	const [download] = await Promise.all([
		page.waitForEvent("download", { timeout: PATIENCE }),
		answer(page).getByRole("button", { name, exact: true }).click(),
	]);
	return readFileSync(await download.path());
}

const table = (page) => answer(page).locator("tbody tr");

// A demo that has just begun retains less than the window that is asked for: means are of what there is.
async function tenSecondsRetained(rpc) {
	await until("ten seconds of traffic", async () => {
		const question = { key: "protocol", op: { type: "topk", k: 1 }, window_s: 10 };
		const { retained_from_us: from, window } = await rpc("query.preview", question).catch(() => ({}));
		return (window && from <= window.start_us) || `from ${from}, wanted ${window?.start_us}`;
	});
}

// The mean of a key over the slots is what the server counts in the whole window, per second.
async function meansAreTheServers(page) {
	await goTo(page, "#/explore?key=protocol&range=10");
	await settled(page);
	const results = JSON.parse(await saved(page, "JSON"));
	const whole = results[results.length - 1];
	const seconds = (whole.window.end_us - whole.window.start_us) / 1e6;
	same(seconds, 10, "length of the longest window");
	const means = await table(page).evaluateAll((rows) =>
		rows.map((row) => [row.dataset.row, Number(row.querySelectorAll("td")[2].title)]),
	);
	expect(means.length > 3, `${means.length} rows`);
	for (const [key, mean] of means) {
		const wanted = (whole.rows.find((row) => row.key === key).value * 8) / seconds;
		expect(Math.abs(mean - wanted) <= wanted * 1e-9, `${key}: mean ${mean}, by JSON-RPC ${wanted}`);
	}
	return whole;
}

async function wholeIsTheServers(page, rpc) {
	await tenSecondsRetained(rpc);
	const whole = await meansAreTheServers(page);
	const stored = await rpc("results.list", {
		query: "protocol-topk",
		from_us: whole.window.end_us,
		to_us: whole.window.end_us + 1,
	});
	if (stored.length === 0) return; // the built-in queries' windows are of another length then
	same(whole.rows.slice(0, 5).map((r) => [r.key, r.value]), stored[0].rows.slice(0, 5).map((r) => [r.key, r.value]), "rows");
}

async function views(page) {
	for (const view of ["Lines", "Bars", "Heat map", "Stacked"]) {
		await answer(page).getByRole("radio", { name: view, exact: true }).check();
		await answer(page).getByRole("img", { name: new RegExp(`^${view}`) }).locator("canvas").first().waitFor({ timeout: PATIENCE });
	}
	await answer(page).getByRole("radio", { name: "Pairs", exact: true }).check();
	await answer(page).getByTestId("why-empty").waitFor({ timeout: PATIENCE });
	expect(page.url().includes("view=sankey"), "the view is not in the address");
}

async function files(page) {
	await goTo(page, "#/explore?key=protocol&range=10");
	await settled(page);
	const lines = String(await saved(page, "CSV")).trim().split("\r\n");
	expect(lines.length === 11 && lines[0].startsWith("end,"), `CSV of ${lines.length} lines: ${lines[0]}`);
	const png = await saved(page, "PNG");
	same([...png.subarray(1, 4)], [...Buffer.from("PNG")], "signature of the PNG");
}

async function history(page, rpc) {
	await goTo(page, "#/explore?source=history&query=ip-topk&range=600");
	await settled(page);
	const [newest] = await rpc("results.list", { query: "ip-topk", limit: 1 });
	const keys = await table(page).evaluateAll((rows) => rows.map((row) => row.dataset.row));
	expect(keys.includes(newest.rows[0].key), `${newest.rows[0].key} is not among ${keys}`);
}

// What no query looks at is refused, with the way out; taken, the same question is answered.
async function makeItAQuery(page, rpc) {
	await rpc("query.remove", { name: "pairs" }).catch(() => undefined); // of an earlier run
	await goTo(page, "#/explore?key=ip_pair&range=10&view=sankey");
	await settled(page, "refused");
	await page.locator("#explore-key-error").waitFor({ timeout: PATIENCE });
	await page.getByRole("button", { name: "Make it a query" }).click();
	await page.locator("#query-name").fill("pairs");
	same(await page.locator("#query-key").inputValue(), "ip_pair", "key of the new query");
	await page.getByTestId("query-form").getByRole("button", { name: "Add", exact: true }).click();
	await page.getByTestId("query-form").waitFor({ state: "detached", timeout: PATIENCE });
	await until("the query", async () => (await rpc("query.list")).some(({ name }) => name === "pairs"));
	// results.latest might be of an earlier run, from the store.
	const question = { key: "ip_pair", op: { type: "topk", k: 1 }, window_s: 10 };
	await until("rows", async () => (await rpc("query.preview", question).catch(() => ({ rows: [] }))).rows.length > 0);
	await goTo(page, "#/explore?key=ip_pair&range=10&view=sankey");
	await settled(page);
	await answer(page).getByRole("img", { name: /^Pairs/ }).locator("canvas").first().waitFor({ timeout: PATIENCE });
}

async function badFilter(page) {
	await page.locator("#explore-filter").fill("prt 80");
	await page.locator("#explore-filter").press("Enter");
	await settled(page, "refused");
	await page.locator("#explore-filter-error").getByText("prt").waitFor({ timeout: PATIENCE });
	await page.locator("#explore-filter").fill("");
	await page.locator("#explore-filter").press("Enter");
	await settled(page);
}

export async function testExplore(page, rpc) {
	await step("explore: means are those of query.preview", () => wholeIsTheServers(page, rpc));
	await step("explore: lines, bars, heat map, stacked", () => views(page));
	await step("explore: CSV and PNG", () => files(page));
	await step("explore: stored results", () => history(page, rpc));
	await step("explore: make it a query", () => makeItAQuery(page, rpc));
	await step("explore: a bad filter is named at its field", () => badFilter(page));
}
