// SPDX-License-Identifier: BSD-3-Clause
// The page Queries against a running demo.

import { expect, fieldSays, goTo, PATIENCE, same, step, until, wholeNumber } from "./check.mjs";

const NAME = "browser-test";

const row = (page, name) => page.locator(`tr[data-query="${name}"]`);
const apply = (page, name) => page.getByTestId("query-form").getByRole("button", { name, exact: true }).click();

async function find(rpc, name) {
	return (await rpc("query.list")).find((query) => query.name === name);
}

async function listIsTheServers(page, rpc) {
	const wanted = (await rpc("query.list")).map(({ name }) => name);
	await row(page, wanted[0]).waitFor({ timeout: PATIENCE });
	const shown = await page.locator("tr[data-query]").evaluateAll((list) => list.map((tr) => tr.dataset.query));
	same(shown, wanted, "queries");
}

async function badFieldsAreNamed(page) {
	await page.getByRole("button", { name: "Add a query" }).click();
	await page.locator("#query-name").fill("no good name");
	await page.locator("#query-window_s").fill("2.5");
	await apply(page, "Add");
	await fieldSays(page, "query-name", "letters");
	await fieldSays(page, "query-window_s", "window_s");
	await page.locator("#query-window_s").fill("10");
	await page.locator("#query-k").fill("0");
	await fieldSays(page, "query-k", "1000");
	await page.locator("#query-k").fill("4");
}

async function filterHelps(page) {
	const filter = page.locator("#query-filter");
	await filter.fill("dst prt 80");
	await fieldSays(page, "query-filter", "prt");
	await filter.fill("dst p");
	await page.locator(".suggestions button", { hasText: "dst port" }).click();
	same(await filter.inputValue(), "dst port ", "filter after a suggestion");
	await filter.pressSequentially("443");
	await page.getByText("This filter is understood.").waitFor({ timeout: PATIENCE });
	await filter.fill("");
}

// The windows move on every second, so both are asked until they have the same end.
async function previewIsTheServers(page, rpc) {
	await until("the same window", async () => {
		await page.getByRole("button", { name: "Try it now" }).click();
		const shown = page.getByTestId("preview");
		await shown.waitFor({ timeout: PATIENCE });
		const [end, answer] = [
			Number(await shown.getAttribute("data-end")),
			await rpc("query.preview", { key: "ip", op: { type: "topk", k: 4 }, window_s: 10 }),
		];
		if (end !== answer.window.end_us) return end - answer.window.end_us;
		const cells = await shown.locator("tbody tr").evaluateAll((list) =>
			list.map((tr) => [tr.dataset.key, tr.querySelector("td.number").title]),
		);
		same(cells.map(([key, title]) => [key, wholeNumber(title)]), answer.rows.map((r) => [r.key, r.value]), "preview");
		return true;
	});
}

async function addPauseChangeRemove(page, rpc) {
	await page.locator("#query-name").fill(NAME);
	await apply(page, "Add");
	await row(page, NAME).waitFor({ timeout: PATIENCE });
	same((await find(rpc, NAME))?.op, { type: "topk", k: 4 }, "op of the new query");
	await row(page, NAME).getByRole("button", { name: `Pause ${NAME}` }).click();
	await until("paused", async () => (await find(rpc, NAME)).paused === true);
	await row(page, NAME).getByText("paused").waitFor({ timeout: PATIENCE });
	await row(page, NAME).getByRole("button", { name: `Resume ${NAME}` }).click();
	await until("resumed", async () => (await find(rpc, NAME)).paused !== true);
	await row(page, NAME).getByRole("button", { name: `Change ${NAME}` }).click();
	await page.locator("#query-op").selectOption("share");
	await page.locator("#query-percent").fill("3");
	await apply(page, "Apply");
	await until("changed", async () => (await find(rpc, NAME)).op.percent === 3);
	await row(page, NAME).getByRole("button", { name: `Remove ${NAME}` }).click();
	expect((await find(rpc, NAME)) !== undefined, "removed without being asked again");
	await page.getByRole("button", { name: "Really remove?" }).click();
	await row(page, NAME).waitFor({ state: "detached", timeout: PATIENCE });
	same(await find(rpc, NAME), undefined, "the removed query");
}

async function processorForm(page, rpc) {
	const k = page.locator("#processor-k");
	const form = page.getByTestId("processor-form");
	for (const wrong of ["0", "1001", "2.5", "many", ""]) {
		await k.fill(wrong);
		await k.press("Enter");
		await fieldSays(page, "processor-k", "1000");
	}
	await form.getByRole("button", { name: "Revert" }).click();
	expect((await page.locator("#processor-k-error").count()) === 0, "the error stays after Revert");
	const before = (await rpc("processor.get")).k;
	for (const value of [before === 3 ? 4 : 3, before]) {
		await k.fill(String(value));
		await k.press("Enter");
		await until("k on the server", async () => (await rpc("processor.get")).k === value);
		await form.getByText("Applied").waitFor({ timeout: PATIENCE });
	}
}

export async function testQueries(page, rpc) {
	await goTo(page, "#/queries");
	await step("queries: the list is that of query.list", () => listIsTheServers(page, rpc));
	await step("queries: what is wrong is named beside its field", () => badFieldsAreNamed(page));
	await step("queries: filters are checked and helped with", () => filterHelps(page));
	await step("queries: a preview is that of query.preview", () => previewIsTheServers(page, rpc));
	await step("queries: add, pause, resume, change, remove", () => addPauseChangeRemove(page, rpc));
	await step("queries: the processor's parameters", () => processorForm(page, rpc));
}
