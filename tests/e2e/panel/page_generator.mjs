// SPDX-License-Identifier: BSD-3-Clause
// The page Generator against a running demo.

import { expect, fieldSays, goTo, PATIENCE, same, step, until } from "./check.mjs";

const form = (page) => page.getByTestId("generator-form");

async function rateCanBeSet(page, rpc) {
	const rate = page.locator("#generator-rate_pps");
	const before = await rate.inputValue();
	for (const [text, pps] of [["60kpps", 60000], [before, null]]) {
		await rate.fill(text);
		await rate.press("Enter");
		await form(page).getByText("Applied").waitFor({ timeout: PATIENCE });
		const { profile } = await rpc("generator.get");
		if (pps !== null) same(profile.rate_pps, pps, "rate");
	}
}

// What the server alone knows is wrong, shown at its field.
async function serverErrorIsNamed(page) {
	await page.locator("#generator-protocols").fill("NO-SUCH-PROTOCOL");
	await form(page).getByRole("button", { name: "Apply" }).click();
	await fieldSays(page, "generator-protocols", "NO-SUCH-PROTOCOL");
	await form(page).getByRole("button", { name: "Revert" }).click();
}

async function eventsCanBeSet(page, rpc) {
	const events = page.locator("#generator-events");
	await events.fill("surge at_s=30 for_s=5 key=HTTPS factor=0");
	await events.blur();
	await form(page).getByRole("button", { name: "Apply" }).click();
	await fieldSays(page, "generator-events", "factor");
	await events.fill("surge at_s=30 for_s=5 key=HTTPS factor=3");
	await form(page).getByRole("button", { name: "Apply" }).click();
	await form(page).getByText("Applied").waitFor({ timeout: PATIENCE });
	const [event] = (await rpc("generator.get")).profile.events;
	same([event.type, event.at_s, event.key, event.factor], ["surge", 30, "HTTPS", 3], "event");
	await events.fill("");
	await form(page).getByRole("button", { name: "Apply" }).click();
	await until("no events", async () => (await rpc("generator.get")).profile.events.length === 0);
}

async function stopsAndStarts(page, rpc) {
	for (const [name, running] of [["Stop generator", false], ["Start generator", true]]) {
		await page.getByRole("button", { name }).click();
		await until(name, async () => (await rpc("generator.get")).running === running);
	}
}

// The whole way: refused, started, on its way, and the outcome as JSON-RPC has it.
async function calibrates(page, rpc) {
	const card = page.getByTestId("calibration");
	const seconds = page.locator("#calibration-seconds");
	const button = card.getByRole("button", { name: "Calibrate" });
	const { T } = await rpc("processor.get");
	await rpc("processor.set", { T: 2 });
	await seconds.fill("1");
	await button.click();
	await fieldSays(page, "calibration-seconds", "from T (2)");
	await seconds.fill("3");
	await button.click();
	await card.getByTestId("calibration-progress").waitFor({ timeout: PATIENCE });
	expect(await button.isDisabled(), "can be started twice");
	const outcome = card.getByTestId("calibration-outcome");
	await outcome.waitFor({ timeout: PATIENCE });
	const truth = await rpc("generator.calibration");
	same(await outcome.getAttribute("data-exact"), String(truth.exact), "exact");
	for (const { query, windows, precision } of truth.queries) {
		const cells = await outcome.locator(`tr[data-row="${query}"]`).locator("th, td").allInnerTexts();
		same([cells[0], cells[1], Number(cells[3])], [query, String(windows), precision], query);
	}
	await rpc("processor.set", { T });
}

export async function testGenerator(page, rpc) {
	await goTo(page, "#/generator");
	await form(page).waitFor({ timeout: PATIENCE });
	await step("generator: the server's error is shown at its field", () => serverErrorIsNamed(page));
	await step("generator: the rate can be set", () => rateCanBeSet(page, rpc));
	await step("generator: events can be set", () => eventsCanBeSet(page, rpc));
	await step("generator: stops and starts", () => stopsAndStarts(page, rpc));
	await step("generator: calibrates", () => calibrates(page, rpc));
}
