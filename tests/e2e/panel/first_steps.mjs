// SPDX-License-Identifier: BSD-3-Clause
// docs/first-steps.md, followed: what it says to press is pressed, what it says is seen is waited for,
// and its pictures are taken.

import { join } from "node:path";

import { goTo, PATIENCE, same, step, until } from "./check.mjs";

const QUERY = "web-servers";
const LIMIT = "everything";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const card = (page) => page.locator(`article[data-query="${QUERY}"]`);
const alerts = (page) => page.getByRole("log").locator("li", { hasText: LIMIT });
const limitRow = (page) => page.locator(`tr[data-row="${LIMIT}"]`);

async function fill(page, form, fields) {
	for (const [label, value] of Object.entries(fields)) {
		const field = page.getByTestId(form).getByLabel(label, { exact: true });
		if (await field.evaluate((element) => element.tagName === "SELECT")) await field.selectOption({ label: value });
		else await field.fill(value);
	}
}

async function seeTraffic(page, picture) {
	await goTo(page, "#/live");
	await until("the ledger closes", async () => {
		const state = await page.getByTestId("ledger-light").getAttribute("data-state");
		return state === "good" || state;
	});
	const addresses = page.locator('article[data-query="ip-topk"]');
	await addresses.waitFor({ timeout: PATIENCE });
	await addresses.scrollIntoViewIfNeeded();
	await addresses.locator("tbody tr").first().waitFor({ timeout: PATIENCE });
	await page.evaluate(() => window.scrollTo(0, 0));
	await picture("traffic");
}

async function ask(page, rpc, picture) {
	await page.getByRole("link", { name: "Queries", exact: true }).click();
	await button(page, "Add a query").click();
	await fill(page, "query-form", {
		Name: QUERY, Key: "Destination", Metric: "Packets", k: "5",
		Filter: "dst port 80 or dst port 443",
	});
	await page.getByText("This filter is understood.").waitFor({ timeout: PATIENCE });
	await picture("question");
	await button(page, "Add").click();
	await page.locator(`tr[data-query="${QUERY}"]`).waitFor({ timeout: PATIENCE });
	const query = (await rpc("query.list")).find(({ name }) => name === QUERY);
	same([query.key, query.metric, query.op.k], ["dst_ip", "packets", 5], "the query");
	await page.getByRole("link", { name: "Live", exact: true }).click();
	await card(page).waitFor({ timeout: PATIENCE });
	await card(page).scrollIntoViewIfNeeded();
	await card(page).locator("tbody tr").first().waitFor({ timeout: PATIENCE });
	await picture("answer");
}

async function limit(page, picture) {
	await page.getByRole("link", { name: "Limits", exact: true }).click();
	await button(page, "Add a limit").click();
	await fill(page, "limit-form", { Name: LIMIT, Source: "0.0.0.0/0", "At most, bytes": "1000", Window: "2" });
	await picture("limit");
	await button(page, "Set").click();
	await limitRow(page).waitFor({ timeout: PATIENCE });
}

async function alert(page, picture) {
	await page.getByRole("link", { name: "Live", exact: true }).click();
	await alerts(page).filter({ hasText: "raised" }).first().waitFor({ timeout: PATIENCE });
	await page.evaluate(() => window.scrollTo(0, 0));
	await picture("alert");
	await page.getByRole("link", { name: "Limits", exact: true }).click();
	await limitRow(page).getByRole("button", { name: "Change" }).click();
	await fill(page, "limit-form", { "At most, bytes": "1000000000000" });
	await button(page, "Set").click();
	await page.getByRole("link", { name: "Live", exact: true }).click();
	await alerts(page).filter({ hasText: "cleared" }).first().waitFor({ timeout: PATIENCE });
}

// Afterwards everything is as it was.
async function tidy(rpc) {
	await rpc("query.remove", { name: QUERY });
	await rpc("limits.remove", { limit_name: LIMIT });
}

export async function testFirstSteps(page, rpc, shots) {
	const picture = async (name) => {
		if (shots) await page.screenshot({ path: join(shots, `first-steps-${name}.jpg`), type: "jpeg", quality: 70 });
	};
	await step("first steps: see traffic", () => seeTraffic(page, picture));
	await step("first steps: ask a question", () => ask(page, rpc, picture));
	await step("first steps: set a limit", () => limit(page, picture));
	await step("first steps: get an alert, and see it cleared", () => alert(page, picture));
	await step("first steps: tidy up", () => tidy(rpc));
}
