// SPDX-License-Identifier: BSD-3-Clause
// What only the mock server can be told to do: fail, and bring more than a demo has.

import { openPage } from "./browser.mjs";
import { expect, goTo, PATIENCE, step, until } from "./check.mjs";
import { startMock } from "./mock_process.mjs";
import { numbersMove } from "./page_live.mjs";

const QUERIES = 64;
const LOAD_MS = 6000;
// A page that falls behind does so more and more, and soon passes these, also on a busy machine.
const BEHIND_MS = 3000;
const PAUSE_MS = 2000;

const stateOf = (page) => page.getByTestId("connection").getAttribute("data-state");

async function withMock(args, run) {
	const mock = await startMock(args);
	try {
		await run(mock);
	} finally {
		mock.stop();
	}
}

async function lostConnection(page, mock) {
	mock.tell("cut 3");
	await until("waiting", async () => (await stateOf(page)) !== "open");
	await page.getByText("Connection lost").waitFor({ timeout: PATIENCE });
	expect((await page.locator("main.stale").count()) === 1, "old values are not marked");
	await numbersMove(page);
	await until("no longer marked old", async () => (await page.locator("main.stale").count()) === 0);
}

const alertKeys = async (page) =>
	(await page.getByRole("log").locator("li").allInnerTexts()).map((text) => text.match(/10\.0\.0\.\d+/)?.[0]).join(" ");

const alertsAre = (page, keys) => until(`alerts ${keys}`, async () => (await alertKeys(page)) === keys || alertKeys(page));

// Raised before the page was opened, told, told to nobody: each is there once, newest first.
async function alertsAreWhole(page, mock) {
	await alertsAre(page, "10.0.0.1");
	mock.tell("alert 2");
	await alertsAre(page, "10.0.0.2 10.0.0.1");
	mock.tell("unheard 3");
	mock.tell("lost 1");
	await alertsAre(page, "10.0.0.3 10.0.0.2 10.0.0.1");
	mock.tell("cut 2");
	await until("waiting", async () => (await stateOf(page)) !== "open");
	mock.tell("unheard 4");
	await alertsAre(page, "10.0.0.4 10.0.0.3 10.0.0.2 10.0.0.1");
	await page.getByRole("button", { name: "Dismiss" }).click();
}

async function failuresAreShown(browser, mock) {
	mock.tell("unheard 1");
	const { page } = await openPage(browser, mock.url);
	await step("alerts of before and of gaps are there once", () => alertsAreWhole(page, mock));
	await numbersMove(page);
	await step("a lost connection is said, and comes back by itself", () => lostConnection(page, mock));
	await step("silence is said", async () => {
		mock.tell("mute 5");
		await page.getByText("no statistics for").waitFor({ timeout: PATIENCE });
		await numbersMove(page);
	});
	await step("lost notifications are said", async () => {
		mock.tell("lost 7");
		await page.getByText("7 updates were skipped").waitFor({ timeout: PATIENCE });
		await page.getByRole("button", { name: "Dismiss" }).click();
	});
	await step("a residual turns the light red", async () => {
		mock.tell("residual 5");
		const light = page.getByTestId("ledger-light");
		await until("red", async () => (await light.getAttribute("data-state")) === "bad");
		mock.tell("residual 0");
		await until("green", async () => (await light.getAttribute("data-state")) === "good");
	});
	await page.context().close();
}

async function withoutGenerator(browser, mock) {
	const { page } = await openPage(browser, `${mock.url}#/generator`);
	await step("without a generator its page says why and what to do", async () => {
		const card = page.getByTestId("generator");
		await card.getByText("This Weir has no generator").waitFor({ timeout: PATIENCE });
		expect((await card.innerText()).includes("--demo"), "no way out is named");
	});
	await step("pages without their method are not offered", async () => {
		await page.locator(".nav a").first().waitFor();
		const names = await page.locator(".nav a").allInnerTexts();
		expect(names.includes("Queries") && !names.includes("Explore"), `offered: ${names}`);
		await page.evaluate(() => (window.location.hash = "#/explore"));
		await page.getByText("does not have what this page shows").waitFor({ timeout: PATIENCE });
	});
	await page.context().close();
}

// The newest window that the first card shows must not fall behind, and the page must answer.
async function keepsUp(page) {
	const card = page.locator("[data-query]").first();
	const window = card.getByTestId("window");
	await window.waitFor({ timeout: PATIENCE });
	const gaps = await page.evaluate(
		(ms) =>
			new Promise((resolve) => {
				let last = performance.now();
				let longest = 0;
				const timer = setInterval(() => {
					longest = Math.max(longest, performance.now() - last - 50);
					last = performance.now();
				}, 50);
				setTimeout(() => {
					clearInterval(timer);
					resolve(Math.round(longest));
				}, ms);
			}),
		LOAD_MS,
	);
	const behind = Date.now() - Number(await window.getAttribute("data-end")) / 1000;
	console.log(`      ${QUERIES} queries: ${Math.round(behind)} ms behind, longest pause ${gaps} ms`);
	expect(behind < BEHIND_MS, `${Math.round(behind)} ms behind`);
	expect(gaps < PAUSE_MS, `the page stood for ${gaps} ms`);
}

async function underLoad(browser, mock) {
	const { page, faults } = await openPage(browser, mock.url);
	await step(`keeps up with ${QUERIES} queries of 100 rows a second`, async () => {
		await until("all queries", async () => {
			const cards = await page.locator("[data-query]").count();
			return cards === QUERIES || cards;
		});
		await keepsUp(page);
		await goTo(page, "#/queries");
		await goTo(page, "#/live");
		expect(faults.length === 0, faults.join("; "));
	});
	await page.context().close();
}

export async function testFailures(browser) {
	await withMock([], (mock) => failuresAreShown(browser, mock));
	await withMock(["--no-generator"], (mock) => withoutGenerator(browser, mock));
}

export async function testLoad(browser) {
	await withMock(["--load", String(QUERIES)], (mock) => underLoad(browser, mock));
}
