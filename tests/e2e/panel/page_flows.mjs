// SPDX-License-Identifier: BSD-3-Clause
// The page Flows against a running demo.

import { expect, fieldSays, goTo, PATIENCE, same, step, until } from "./check.mjs";

const rows = (page) => page.getByTestId("flows").locator("tbody tr");
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

async function filterBy(page, text) {
	await page.locator("#flows-filter").fill(text);
	await page.locator("#flows-filter").press("Enter");
}

async function rowsAreFlows(page, rpc) {
	await rows(page).first().waitFor({ timeout: PATIENCE });
	same(await rows(page).count(), 25, "rows");
	const { total } = await rpc("flows.list", { limit: 1 });
	const shown = await page.getByTestId("flow-counts").innerText();
	expect(shown.startsWith("25 shown of "), `${shown}, of ${total}`);
}

async function filterAndSort(page, rpc) {
	await page.locator("#flows-sort").selectOption("packets");
	await filterBy(page, "udp port 53");
	await until("only DNS", async () => {
		const apps = await rows(page).locator("td:nth-child(3)").allInnerTexts();
		return (apps.length > 0 && apps.every((app) => app === "DNS")) || apps.join();
	});
	expect(page.url().includes("sort=packets") && page.url().includes("filter=udp"), page.url());
	const titles = await rows(page).locator("td:nth-child(6)").evaluateAll((cells) => cells.map((cell) => cell.title));
	const packets = titles.map((title) => Number(title.replaceAll(",", "")));
	same(packets.join(), [...packets].sort((a, b) => b - a).join(), "order");
	const { matched } = await rpc("flows.list", { filter: "udp port 53", limit: 1 });
	expect(matched >= packets.length, `${matched} match`);
}

// A column's head asks for the flows in that order; again, for the other order.
async function headsSort(page) {
	await filterBy(page, "");
	await page.locator("#flows-sort").selectOption("bytes");
	const head = page.getByTestId("flows").getByRole("columnheader", { name: "Packets" });
	for (const [order, text, sign] of [["desc", "descending", 1], ["asc", "ascending", -1]]) {
		await head.getByRole("button").click();
		await until(`packets ${text}`, async () => {
			const titles = await rows(page).locator("td:nth-child(6)").evaluateAll((cells) => cells.map((cell) => cell.title));
			const packets = titles.map((title) => Number(title.replaceAll(",", "")));
			const sorted = [...packets].sort((a, b) => sign * (b - a));
			return (packets.length > 1 && packets.join() === sorted.join()) || packets.join();
		});
		same(await head.getAttribute("aria-sort"), text, "aria-sort");
		expect(page.url().includes(`order=${order}`), page.url());
	}
	await page.locator("#flows-order").selectOption("desc");
}

async function badFilter(page) {
	await filterBy(page, "len > 100");
	await fieldSays(page, "flows-filter", "more than is kept");
	await filterBy(page, "host 192.0.2.99");
	await page.getByText("passes the filter").waitFor({ timeout: PATIENCE });
	await press(page, "Clear the filter");
	await rows(page).nth(1).waitFor({ timeout: PATIENCE });
}

// Paused, so that the row stays; the record is that of flows.list, to the packets since.
async function recordOpens(page, rpc) {
	await page.locator("#flows-sort").selectOption("bytes");
	await press(page, "Pause");
	const name = await rows(page).first().locator("th").innerText();
	await rows(page).first().getByRole("button").click();
	const record = page.getByTestId("flow-record");
	await record.waitFor({ timeout: PATIENCE });
	expect((await record.innerText()).includes(name), name);
	const shown = Number((await record.locator("tbody tr").nth(1).locator("td").nth(2).innerText()).replaceAll(",", ""));
	const [, host, port] = /^(.*):(\d+)$/.exec(name);
	const { flows } = await rpc("flows.list", { filter: `src host ${host} and src port ${port}` });
	expect(flows.some(({ bidir }) => bidir.bytes >= shown) && shown > 0, `${shown} bytes`);
	expect(page.url().includes("flow=") && page.url().includes("paused=1"), page.url());
	await page.reload({ waitUntil: "load" });
	await page.getByText("Paused", { exact: true }).waitFor({ timeout: PATIENCE });
	await rows(page).first().waitFor({ timeout: PATIENCE });
	await press(page, "Go on");
	await rows(page).first().waitFor({ timeout: PATIENCE });
}

export async function testFlows(page, rpc) {
	await goTo(page, "#/flows");
	await step("flows: the largest are there", () => rowsAreFlows(page, rpc));
	await step("flows: filter and sort", () => filterAndSort(page, rpc));
	await step("flows: heads of columns sort", () => headsSort(page));
	await step("flows: what is no filter, and what nothing passes", () => badFilter(page));
	await step("flows: pause, and a whole record", () => recordOpens(page, rpc));
}
