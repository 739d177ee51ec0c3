// SPDX-License-Identifier: BSD-3-Clause
// The page Limits against a running demo.

import { fieldSays, goTo, PATIENCE, same, step, until, wholeNumber } from "./check.mjs";

const NAME = "browser-limit";

const row = (page) => page.locator("tr", { has: page.getByText(NAME, { exact: true }) });
const press = (page, name) => page.getByTestId("limit-form").getByRole("button", { name, exact: true }).click();

async function find(rpc) {
	return (await rpc("limits.list")).limits.find((limit) => limit.limit_name === NAME);
}

async function badFieldsAreNamed(page) {
	await page.getByRole("button", { name: "Add a limit" }).click();
	await page.locator("#limit-max_bytes").fill("-1");
	await fieldSays(page, "limit-max_bytes", "Out of range");
	await page.locator("#limit-max_bytes").fill("1000");
	await page.locator("#limit-limit_name").fill(NAME);
	await page.locator("#limit-source").fill("10.0.0.0/99");
	await press(page, "Set");
	await fieldSays(page, "limit-source", "prefix");
	await page.locator("#limit-source").fill("0.0.0.0/0");
}

// Everything over IPv4 may not be 1000 bytes in 2 seconds: the demo exceeds that at once.
async function setAndDryRun(page, rpc) {
	await page.locator("#limit-window_s").fill("2");
	await press(page, "Set");
	await row(page).waitFor({ timeout: PATIENCE });
	const limit = await find(rpc);
	same([limit.source, limit.max_bytes, limit.window_s], ["0.0.0.0/0", 1000, 2], "limit");
	await row(page).getByRole("button", { name: "Change" }).click();
	await until("alerts in the dry run", async () => {
		await press(page, "Dry run");
		const shown = page.getByTestId("dry-run");
		await shown.waitFor({ timeout: PATIENCE });
		const alerts = Number(await shown.getAttribute("data-alerts"));
		return alerts > 0 || alerts;
	});
	const answer = await rpc("limits.dry_run", { limit: { limit_name: NAME, source: "0.0.0.0/0", max_bytes: 1000, window_s: 2 } });
	const first = await page.getByTestId("dry-run").locator("li").first().innerText();
	same(first.includes(answer.alerts[0].key), true, `"${first}" names ${answer.alerts[0].key}`);
}

async function changeAndRemove(page, rpc) {
	await page.locator("#limit-max_bytes").fill("2000");
	await press(page, "Set");
	await until("changed", async () => (await find(rpc)).max_bytes === 2000);
	await until("shown", async () => {
		const title = await row(page).locator("td").nth(2).getAttribute("title");
		return wholeNumber(title) === 2000 || title;
	});
	await row(page).getByRole("button", { name: "Remove" }).click();
	await page.getByRole("button", { name: "Really remove?" }).click();
	await row(page).waitFor({ state: "detached", timeout: PATIENCE });
	same(await find(rpc), undefined, "the removed limit");
}

export async function testLimits(page, rpc) {
	await goTo(page, "#/limits");
	await step("limits: what is wrong is named beside its field", () => badFieldsAreNamed(page));
	await step("limits: set, and a dry run", () => setAndDryRun(page, rpc));
	await step("limits: change and remove", () => changeAndRemove(page, rpc));
}
