// SPDX-License-Identifier: BSD-3-Clause
// The page System against a running demo.

import { expect, fieldSays, goTo, PATIENCE, same, step, until, wholeNumber } from "./check.mjs";

const section = (page, id) => page.getByTestId(id);

async function portsAreTheServers(page, rpc) {
	const first = section(page, "ports").locator("tbody tr").first();
	await first.waitFor({ timeout: PATIENCE });
	const [port] = await rpc("ports.list");
	const cells = await first.locator("th, td").allInnerTexts();
	same(cells.slice(1, 5), [port.name, port.driver, port.link, String(port.queues)], "port");
}

// By a head's button, with the keyboard; the order is in the address and goes by the third time.
async function tablesSort(page) {
	const head = section(page, "dimensions").getByRole("columnheader", { name: "Keys", exact: true });
	const button = head.getByRole("button");
	await button.focus();
	for (const [direction, order] of [["descending", "-Keys"], ["ascending", "Keys"], ["none", null]]) {
		await page.keyboard.press("Enter");
		await until(`keys ${direction}`, async () => (await head.getAttribute("aria-sort")) === direction);
		const hash = new URL(page.url()).hash.split("?")[1] ?? "";
		same(new URLSearchParams(hash).get("dimensions"), order, "order in the address");
		if (direction === "none") continue;
		const titles = await section(page, "dimensions").locator("tbody td:nth-child(5)").evaluateAll((cells) => cells.map((cell) => cell.title));
		const keys = titles.map(wholeNumber);
		expect(keys.length > 1, `${keys.length} dimensions`);
		same(keys, [...keys].sort((a, b) => (direction === "ascending" ? a - b : b - a)), "order of rows");
	}
}

// Statistics come every second: what is shown lies between an answer before and one after.
async function tablesBetween(page, rpc) {
	const before = await rpc("stats.get");
	await page.waitForTimeout(1200);
	const received = section(page, "workers").locator('tr[data-row="0"] td.number').first();
	const shown = wholeNumber(await received.getAttribute("title"));
	const after = await rpc("stats.get");
	const [low, high] = [before.workers[0].received, after.workers[0].received];
	expect(low <= shown && shown <= high, `received ${shown}, by JSON-RPC ${low} to ${high}`);
	const roles = await section(page, "lcores").locator("tbody tr td:nth-child(3)").allInnerTexts();
	same(roles, after.lcores.map(({ role }) => role), "roles of lcores");
	const keys = await section(page, "dimensions").locator("tbody th").allInnerTexts();
	same(keys, after.queries.dimensions.map(({ key }) => key), "dimensions");
	const fill = await section(page, "fills").locator('tr[data-row="flows"] meter').getAttribute("value");
	const wanted = after.flows.active / after.flows.capacity;
	expect(Math.abs(Number(fill) - wanted) < 0.2, `flow table ${fill}, by JSON-RPC ${wanted}`);
}

async function statesAreTheServers(page, rpc) {
	const fact = (id) => page.locator(`[data-fact="${id}"] dd`);
	const info = await rpc("system.info");
	same(await fact("version").innerText(), info.version, "version");
	same(await fact("dpdk").innerText(), info.dpdk, "DPDK");
	await until("the store's state", async () => {
		const { store } = await rpc("stats.get");
		const shown = await fact("state").innerText();
		return shown === store.state || [shown, store.state];
	});
}

const press = (page, name) => section(page, "config").getByRole("button", { name, exact: true }).click();
const kNow = async (rpc) => (await rpc("config.get")).parameters.k;

async function editK(page, k) {
	const area = page.locator("#config-document");
	const config = JSON.parse(await area.inputValue());
	await area.fill(JSON.stringify({ ...config, parameters: { ...config.parameters, k } }));
}

async function configFaults(page) {
	const area = page.locator("#config-document");
	await until("the document", async () => (await area.inputValue()).includes("parameters"));
	const before = await area.inputValue();
	await area.fill("{");
	await press(page, "Show difference");
	await fieldSays(page, "config-document", "Not JSON");
	await area.fill(before);
	await editK(page, 0);
	await press(page, "Show difference");
	await fieldSays(page, "config-document", "parameters.k");
}

// Shown, applied, gone back to; applied and confirmed.
async function configChanges(page, rpc) {
	const before = await kNow(rpc);
	for (const [button, wanted] of [["Go back now", before], ["Confirm", before + 1]]) {
		await editK(page, before + 1);
		await press(page, "Show difference");
		await page.getByTestId("difference").locator('tr[data-row="parameters.k"]').waitFor({ timeout: PATIENCE });
		same(await kNow(rpc), before, "k after showing the difference");
		await press(page, "Apply");
		await until("applied", async () => (await kNow(rpc)) === before + 1);
		await press(page, button);
		// The page lets go of the text with the answer, which comes after the change.
		await section(page, "config").locator(".banner").waitFor({ state: "hidden", timeout: PATIENCE });
		await until(`k after ${button}`, async () => (await kNow(rpc)) === wanted);
	}
}

export async function testSystem(page, rpc, known) {
	await goTo(page, "#/system");
	await step("system: ports are those of ports.list", () => portsAreTheServers(page, rpc));
	await step("system: tables are those of stats.get", () => tablesBetween(page, rpc));
	await step("system: heads of columns sort, and the address keeps it", () => tablesSort(page));
	await step("system: store and program", () => statesAreTheServers(page, rpc));
	if (!known.has("config.set")) {
		console.log("skip  system: this Weir has no config.set");
		return;
	}
	await step("system: faults of the configuration are named", () => configFaults(page));
	await step("system: difference, apply, go back, confirm", () => configChanges(page, rpc));
}
