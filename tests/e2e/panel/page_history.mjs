// SPDX-License-Identifier: BSD-3-Clause
// The page History against a running demo whose store has daily totals of 2025-11-25 and 2025-11-27
// (days_capture.py), and results of the demo itself.

import { readFileSync } from "node:fs";

import { expect, fieldSays, goTo, PATIENCE, same, step, until } from "./check.mjs";

const FROM = "2025-11-25";
const TO = "2025-11-27";
const DAYS = `#/history?from=${FROM}&to=${TO}`;

const part = (page, name) => page.getByTestId(name);

async function settled(page, name, state = "found") {
	await until(`${name} ${state}`, async () => {
		const seen = await part(page, name).getAttribute("data-state");
		return seen === state || `${seen}: ${await part(page, name).innerText()}`;
	});
}

async function saved(page, name, kind) {
	const [download] = await Promise.all([
		page.waitForEvent("download", { timeout: PATIENCE }),
		part(page, name).getByRole("button", { name: kind, exact: true }).click(),
	]);
	return String(readFileSync(await download.path()));
}

// Sums by host of what JSON-RPC gives.
function sums(totals) {
	const by = {};
	for (const { host, inBytes, inPackets, outBytes, outPackets } of totals) {
		by[host] ??= [0, 0, 0, 0];
		[inBytes, inPackets, outBytes, outPackets].forEach((n, i) => (by[host][i] += n));
	}
	return by;
}

async function tableIsTheServers(page, rpc) {
	await goTo(page, DAYS);
	await settled(page, "daily");
	const totals = await rpc("daily.list", { from: FROM, to: TO });
	expect(totals.length === 24, `${totals.length} totals in the store`);
	const wanted = sums(totals);
	const shown = await part(page, "daily").locator("tbody tr").evaluateAll((rows) =>
		Object.fromEntries(
			rows.map((row) => [row.dataset.row, [...row.querySelectorAll("td")].map((td) => Number(td.title))]),
		),
	);
	same(Object.entries(shown).sort(), Object.entries(wanted).sort(), "sums by host");
	const about = await part(page, "daily").getByTestId("about").innerText();
	expect(about.includes("12 hosts") && about.includes("3 days"), `about: ${about}`);
	await part(page, "daily").getByRole("img").locator("canvas").first().waitFor({ timeout: PATIENCE });
}

async function daysAreChosen(page, rpc) {
	await page.locator("#history-to").fill(FROM);
	await page.locator("#history-host").fill("10.0.0.3");
	await part(page, "daily").getByRole("button", { name: "Show" }).click();
	await until("one host", async () => (await part(page, "daily").locator("tbody tr").count()) === 1);
	expect(page.url().includes(`to=${FROM}`) && page.url().includes("host=10.0.0.3"), `address ${page.url()}`);
	const [one] = await rpc("daily.list", { from: FROM, to: FROM, host: "10.0.0.3" });
	const shown = await part(page, "daily").locator("tbody tr td").first().getAttribute("title");
	same(Number(shown), one.inBytes, "bytes in of one host on one day");
}

async function dailyFiles(page, rpc) {
	await goTo(page, "#/live");
	await goTo(page, DAYS);
	await settled(page, "daily");
	const totals = await rpc("daily.list", { from: FROM, to: TO });
	const lines = (await saved(page, "daily", "CSV")).trim().split("\r\n");
	same(lines.length, totals.length + 1, "lines of the CSV");
	same(lines[1], Object.values(totals[0]).slice(1).join(","), "first line of the CSV");
	same(JSON.parse(await saved(page, "daily", "JSON")), totals, "JSON");
}

async function badDays(page) {
	await page.locator("#history-from").fill("2025-02-30");
	await part(page, "daily").getByRole("button", { name: "Show" }).click();
	await fieldSays(page, "history-from", "2026-11-27");
	await page.locator("#history-from").fill(TO);
	await page.locator("#history-to").fill(FROM);
	await part(page, "daily").getByRole("button", { name: "Show" }).click();
	await fieldSays(page, "history-to", "before");
}

async function badHost(page) {
	await goTo(page, "#/live");
	await goTo(page, `${DAYS}&host=nobody`);
	await settled(page, "daily", "refused");
	await fieldSays(page, "history-host", "IPv4");
}

async function nothingThere(page) {
	await goTo(page, "#/live");
	await goTo(page, "#/history?from=1999-01-01&to=1999-01-02");
	await settled(page, "daily");
	const why = await part(page, "daily").getByTestId("why-empty").innerText();
	expect(why.includes("local_networks"), `why there is nothing: ${why}`);
}

async function seriesIsTheServers(page, rpc) {
	const key = (await rpc("results.latest", { query: "protocol-topk" })).rows[0].key;
	await goTo(page, "#/live");
	await goTo(page, `#/history?query=protocol-topk&range=600`);
	await until("the first row's key", async () => {
		const shown = await part(page, "series").getAttribute("data-key");
		return shown !== "" || shown;
	});
	await page.locator("#history-key").fill(key);
	await page.locator("#history-key").press("Enter");
	await settled(page, "series");
	expect(page.url().includes("key="), "the key is not in the address");
	const answer = JSON.parse(await saved(page, "series", "JSON"));
	const again = await rpc("results.series", {
		query: "protocol-topk", key, from_us: answer.from_us, to_us: answer.to_us, step_s: answer.step_us / 1e6,
	});
	// The last step may have got more since.
	same(answer.points.slice(0, -1), again.points.slice(0, answer.points.length - 1), "points");
	expect(answer.points.length > 1 && answer.points[0].max > 0, `${answer.points.length} points`);
	const csv = (await saved(page, "series", "CSV")).trim().split("\r\n");
	same(csv.length, answer.points.length + 1, "lines of the CSV");
}

async function pictures(page) {
	for (const [view, name] of [["By hour", /by day and hour/], ["Line", /over time/]]) {
		await part(page, "series").getByRole("radio", { name: view, exact: true }).check();
		await part(page, "series").getByRole("img", { name }).locator("canvas").first().waitFor({ timeout: PATIENCE });
	}
	expect(page.url().includes("view=line"), "the picture is not in the address");
}

async function unknownKey(page) {
	await page.locator("#history-key").fill("no such protocol");
	await page.locator("#history-key").press("Enter");
	await part(page, "series").getByText("not among the rows").first().waitFor({ timeout: PATIENCE });
}

export async function testHistory(page, rpc) {
	await step("history: sums by host are those of daily.list", () => tableIsTheServers(page, rpc));
	await step("history: days and host are chosen, and in the address", () => daysAreChosen(page, rpc));
	await step("history: CSV and JSON of daily totals", () => dailyFiles(page, rpc));
	await step("history: bad days are named at their fields", () => badDays(page));
	await step("history: a bad host is named at its field", () => badHost(page));
	await step("history: why there is nothing", () => nothingThere(page));
	await step("history: the series is that of results.series", () => seriesIsTheServers(page, rpc));
	await step("history: line and heat map", () => pictures(page));
	await step("history: a key that is in no row", () => unknownKey(page));
}
