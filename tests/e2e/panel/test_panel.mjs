// SPDX-License-Identifier: BSD-3-Clause
// The panel in a browser against a running Weir that has traffic (weir --demo), or, with --mock,
// against the mock server, which can also lose connections and break its ledger.
//
//   node test_panel.mjs URL|--mock [SCREENSHOT_DIR]
//
// Exit 0 passed, 1 failed, 77 skipped because the browser or playwright-core is missing.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { launch, loadTools, openPage, seriousFaults } from "./browser.mjs";
import { startMock } from "./mock_process.mjs";

const [target, shots] = process.argv.slice(2);
if (!target) {
	console.log("usage: test_panel.mjs URL|--mock [SCREENSHOT_DIR]");
	process.exit(2);
}

const PATIENCE = 15_000; // ms for something to show up
const QUIET_MS = 5000; // the layout is watched for so long
const SHIFT_MAX = 0.01; // cumulative layout shift allowed meanwhile

const tools = loadTools();
let failures = 0;

async function step(name, run) {
	try {
		await run();
		console.log(`ok    ${name}`);
	} catch (error) {
		failures++;
		console.log(`FAIL  ${name}: ${error.message}`);
	}
}

function expect(condition, text) {
	if (!condition) throw new Error(text);
}

async function until(what, check) {
	const end = Date.now() + PATIENCE;
	let seen;
	while (Date.now() < end) {
		seen = await check();
		if (seen === true) return;
		await sleep(100);
	}
	throw new Error(`${what}: not within ${PATIENCE / 1000} s (last: ${JSON.stringify(seen)})`);
}

const rowsOf = (page, query) => page.locator(`[data-query="${query}"] tbody tr`).count();
const stateOf = (page) => page.getByTestId("connection").getAttribute("data-state");

async function setK(page, text) {
	await page.locator("#processor-k").fill(text);
	await page.locator("#processor-k").press("Enter");
}

async function numbersMove(page) {
	await until("connection", async () => (await stateOf(page)) === "open" || stateOf(page));
	const received = page.getByTestId("received");
	await received.waitFor({ timeout: PATIENCE });
	const before = await received.getAttribute("title");
	await until("received packets", async () => {
		const now = await received.getAttribute("title");
		return now !== before || now;
	});
}

async function sixResults(page) {
	for (const key of ["protocol", "ip"]) {
		for (const op of ["topk", "share", "outlier"]) {
			const card = page.locator(`[data-query="${key}-${op}"]`);
			await card.getByTestId("window").waitFor({ timeout: PATIENCE });
			const rows = await rowsOf(page, `${key}-${op}`);
			const why = await card.getByTestId("why-empty").count();
			expect(rows > 0 || why > 0, `${key}-${op} shows neither rows nor a reason`);
			expect(op !== "topk" || rows > 0, `${key}-${op} has no rows`);
		}
	}
}

async function tableFollowsK(page) {
	const before = await page.locator("#processor-k").inputValue();
	const other = before === "3" ? "4" : "3";
	await setK(page, other);
	await until(`ip-topk with ${other} rows`, async () => {
		const rows = await rowsOf(page, "ip-topk");
		return rows === Number(other) || rows;
	});
	await setK(page, before);
	await until("ip-topk with its rows again", async () => {
		const rows = await rowsOf(page, "ip-topk");
		return rows > Number(other) || rows === Number(before) || rows;
	});
}

async function invalidKIsNamed(page) {
	const input = page.locator("#processor-k");
	for (const wrong of ["0", "1001", "2.5", "many", ""]) {
		await setK(page, wrong);
		const error = page.locator("#processor-k-error");
		await error.waitFor({ timeout: PATIENCE });
		expect((await error.innerText()).includes("1000"), `k ${wrong}: the range is not named`);
		expect((await input.getAttribute("aria-invalid")) === "true", `k ${wrong}: not marked`);
		const [a, b] = [await input.boundingBox(), await error.boundingBox()];
		expect(Math.abs(b.y - a.y) < 60 && Math.abs(b.x - a.x) < 60, "the error is not beside the field");
	}
	await page.getByTestId("processor-form").getByRole("button", { name: "Revert" }).click();
	expect((await page.locator("#processor-k-error").count()) === 0, "the error stays after Revert");
}

// What the server alone knows is wrong, shown at its field.
async function serverErrorIsNamed(page) {
	const area = page.locator("#generator-protocols");
	await area.fill("NO-SUCH-PROTOCOL");
	await page.getByTestId("generator-form").getByRole("button", { name: "Apply" }).click();
	const error = page.locator("#generator-protocols-error");
	await error.waitFor({ timeout: PATIENCE });
	expect((await error.innerText()).includes("NO-SUCH-PROTOCOL"), "not the server's words");
	await page.getByTestId("generator-form").getByRole("button", { name: "Revert" }).click();
}

async function rateCanBeSet(page) {
	const rate = page.locator("#generator-rate_pps");
	const before = await rate.inputValue();
	const other = before === "200kpps" ? "300kpps" : "200kpps";
	for (const text of [other, before]) {
		await rate.fill(text);
		await rate.press("Enter");
		await until("form applied", async () => {
			const form = await page.getByTestId("generator-form").innerText();
			return form.includes("Applied") && (await rate.inputValue()) === text;
		});
	}
}

async function processorStopsAndStarts(page) {
	const box = page.getByTestId("processor");
	await box.getByRole("button", { name: "Stop processor" }).click();
	await until("stopped", async () => (await box.innerText()).includes("stopped"));
	await box.getByRole("button", { name: "Start processor" }).click();
	await until("running", async () => (await box.innerText()).includes("running"));
}

async function layoutIsCalm(page) {
	const shift = await page.evaluate(
		(ms) =>
			new Promise((resolve) => {
				let sum = 0;
				const observer = new PerformanceObserver((list) => {
					for (const entry of list.getEntries()) sum += entry.value;
				});
				observer.observe({ type: "layout-shift" });
				setTimeout(() => resolve(sum), ms);
			}),
		QUIET_MS,
	);
	expect(shift <= SHIFT_MAX, `layout shift ${shift.toFixed(3)}`);
}

async function nothingSerious(page) {
	const faults = await seriousFaults(page, tools.axe);
	expect(faults.length === 0, `axe: ${faults.join("\n      ")}`);
}

async function shoot(page, name) {
	if (!shots) return;
	mkdirSync(shots, { recursive: true });
	await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

async function look(browser, url, name, options) {
	const { page, faults } = await openPage(browser, url, options);
	await step(`${name}: shows all six results`, () => sixResults(page));
	await step(`${name}: axe finds nothing serious`, () => nothingSerious(page));
	await step(`${name}: nothing sticks out sideways`, async () => {
		const over = await page.evaluate(
			() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
		);
		expect(over <= 0, `${over} pixels`);
	});
	await shoot(page, name);
	await step(`${name}: no errors on the console`, async () => {
		expect(faults.length === 0, faults.join("; "));
	});
	await page.context().close();
}

// Only the mock server can be told to fail.
async function failuresAreShown(browser, mock) {
	const { page } = await openPage(browser, mock.url);
	await numbersMove(page);
	await step("a lost connection is said, and comes back by itself", async () => {
		mock.tell("cut 3");
		await until("waiting", async () => (await stateOf(page)) !== "open");
		await page.getByText("Connection lost").waitFor({ timeout: PATIENCE });
		expect((await page.locator("main.stale").count()) === 1, "old values are not marked");
		await numbersMove(page);
		await until("no longer marked old", async () => (await page.locator("main.stale").count()) === 0);
	});
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

async function withoutGenerator(browser) {
	const mock = await startMock(["--no-generator"]);
	try {
		const { page } = await openPage(browser, mock.url);
		await step("without a generator its card says why and what to do", async () => {
			const card = page.getByTestId("generator");
			await card.getByText("This Weir has no generator").waitFor({ timeout: PATIENCE });
			expect((await card.innerText()).includes("--demo"), "no way out is named");
		});
		await page.context().close();
	} finally {
		mock.stop();
	}
}

async function run(browser, url, mock) {
	const { page, faults } = await openPage(browser, url);
	await step("numbers change within seconds", () => numbersMove(page));
	await step("all six results are there", () => sixResults(page));
	await step("the ip-topk table follows k", () => tableFollowsK(page));
	await step("an invalid k is named beside the field", () => invalidKIsNamed(page));
	if ((await page.getByTestId("generator-form").count()) > 0) {
		await step("the server's error is shown at its field", () => serverErrorIsNamed(page));
		await step("the generator's rate can be set", () => rateCanBeSet(page));
	}
	await step("the processor stops and starts", () => processorStopsAndStarts(page));
	await step("the layout stays calm", () => layoutIsCalm(page));
	await step("no errors on the console", async () => expect(faults.length === 0, faults.join("; ")));
	await page.context().close();

	await look(browser, url, "light", {});
	await look(browser, url, "dark", { colorScheme: "dark" });
	await look(browser, url, "phone", { viewport: { width: 390, height: 844 }, hasTouch: true });
	if (mock) {
		await failuresAreShown(browser, mock);
		await withoutGenerator(browser);
	}
}

const mock = target === "--mock" ? await startMock([]) : null;
let browser;
try {
	browser = await launch(tools.chromium);
	await run(browser, mock?.url ?? target, mock);
} catch (error) {
	failures++;
	console.log(`FAIL  ${error.message}`);
} finally {
	await browser?.close();
	mock?.stop();
}
console.log(failures === 0 ? "passed" : `${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
