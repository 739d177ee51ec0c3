// SPDX-License-Identifier: BSD-3-Clause
// The panel in a browser: every page against a running Weir that has traffic (weir --demo), or,
// with --mock and --load, what a demo does not do: a lost connection, a wrong ledger; 64 queries of
// 100 rows a second.
//
//   node test_panel.mjs URL|--mock|--load [SCREENSHOT_DIR]
//   node test_panel.mjs --login URL    a Weir with users, see login.mjs
//
// WEIR_PANEL_PAGES=explore,system: only these pages.
// Exit 0 passed, 1 failed, 77 skipped because the browser or playwright-core is missing.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { launch, loadTools, openPage, seriousFaults } from "./browser.mjs";
import { expect, failures, goTo, PATIENCE, rpcOf, step } from "./check.mjs";
import { testFailures, testLoad } from "./failures.mjs";
import { firstLoadIsSmall } from "./first_load.mjs";
import { testFirstSteps } from "./first_steps.mjs";
import { layoutIsWhole, WIDTHS } from "./layout.mjs";
import { testLogin } from "./login.mjs";
import { testExplore } from "./page_explore.mjs";
import { testFlows } from "./page_flows.mjs";
import { testGenerator } from "./page_generator.mjs";
import { testHistory } from "./page_history.mjs";
import { testLimits } from "./page_limits.mjs";
import { testLive } from "./page_live.mjs";
import { testQueries } from "./page_queries.mjs";
import { testSystem } from "./page_system.mjs";

const [target, shots] = process.argv.slice(2);
if (!target) {
	console.log("usage: test_panel.mjs URL|--mock|--load [SCREENSHOT_DIR], or --login URL");
	process.exit(2);
}

const HEIGHT = 860;
const DESK = { width: WIDTHS.desk, height: HEIGHT };
const SETTLE_MS = 500;

const wanted = process.env.WEIR_PANEL_PAGES?.split(",");
// Pages whose method this Weir does not have are left out, by name.
const PAGES = [
	{ hash: "#/live", test: testLive },
	{ hash: "#/queries", test: testQueries, looks: ["#/queries?new=1&key=subnet&op=limit"] },
	{ hash: "#/explore", test: testExplore },
	{ hash: "#/flows", test: testFlows, method: "flows.list" },
	{
		hash: "#/history",
		test: testHistory,
		method: "results.series",
		looks: ["#/history?from=2025-11-25&to=2025-11-27&query=protocol-topk&range=600"],
	},
	{ hash: "#/limits", test: testLimits, method: "limits.list" },
	{ hash: "#/generator", test: testGenerator },
	{ hash: "#/system", test: testSystem },
];

async function nothingSerious(page, axe) {
	const faults = await seriousFaults(page, axe);
	expect(faults.length === 0, `axe: ${faults.join("\n      ")}`);
}

// Light, dark and at several widths.
async function look(page, axe, hash) {
	const name = hash.replace(/^#\//, "").split("?")[0];
	await goTo(page, hash);
	for (const scheme of ["light", "dark"]) {
		await page.emulateMedia({ colorScheme: scheme });
		await page.waitForTimeout(SETTLE_MS);
		await page.locator("main").getByText("Asking…").waitFor({ state: "hidden", timeout: PATIENCE });
		await page.evaluate(() => window.scrollTo(0, 0));
		await step(`${name}, ${scheme}: axe finds nothing serious`, () => nothingSerious(page, axe));
		if (shots) {
			const path = join(shots, `${name}-${scheme}.jpg`);
			await page.screenshot({ path, type: "jpeg", quality: 70 });
		}
	}
	await page.emulateMedia({ colorScheme: "light" });
	for (const [device, width] of Object.entries(WIDTHS)) {
		await page.setViewportSize({ width, height: HEIGHT });
		await page.waitForTimeout(SETTLE_MS);
		await step(`${name}, ${device}: nothing is cut, broken or out of sight`, () => layoutIsWhole(page));
	}
}

async function walk(browser, url, axe) {
	const rpc = rpcOf(url);
	const { page, faults } = await openPage(browser, url, { viewport: DESK });
	await step("the first load is small", () => firstLoadIsSmall(page));
	const known = new Set((await rpc("rpc.methods")).map(({ name }) => name));
	for (const { hash, test, method, looks = [hash] } of PAGES) {
		if (wanted && !wanted.includes(hash.slice(2))) continue;
		if (method && !known.has(method)) {
			console.log(`skip  ${hash}: this Weir has no ${method}`);
			continue;
		}
		await step(`${hash} is there`, () => goTo(page, hash));
		await test(page, rpc, known);
		for (const view of looks) await look(page, axe, view);
	}
	if (!wanted || wanted.includes("first-steps")) await testFirstSteps(page, rpc, shots);
	await step("no errors on the console", async () => expect(faults.length === 0, faults.join("; ")));
	await page.context().close();
}

const tools = loadTools();
if (shots && target !== "--login") mkdirSync(shots, { recursive: true });
let browser;
try {
	browser = await launch(tools.chromium);
	if (target === "--mock") await testFailures(browser);
	else if (target === "--login") await testLogin(browser, shots, tools.axe);
	else if (target === "--load") await testLoad(browser);
	else await walk(browser, target, tools.axe);
} catch (error) {
	await step("the test itself", () => {
		throw error;
	});
} finally {
	await browser?.close();
}
console.log(failures() === 0 ? "passed" : `${failures()} failed`);
process.exit(failures() === 0 ? 0 : 1);
