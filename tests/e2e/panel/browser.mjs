// SPDX-License-Identifier: BSD-3-Clause
// Debian's Chromium through playwright-core, and what every page is watched for: errors on the
// console, failed and foreign requests.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const panel = createRequire(fileURLToPath(new URL("../../../app/panel/package.json", import.meta.url)));

export const EXIT_SKIP = 77;
export const CHROMIUM = process.env.WEIR_TEST_CHROMIUM ?? "/usr/bin/chromium";

function skip(why) {
	console.log(`skipped: ${why}`);
	process.exit(EXIT_SKIP);
}

export function loadTools() {
	if (!existsSync(CHROMIUM)) skip(`Chromium is missing (${CHROMIUM})`);
	try {
		const { chromium } = panel("playwright-core");
		const axe = readFileSync(panel.resolve("axe-core/axe.min.js"), "utf8");
		return { chromium, axe };
	} catch (error) {
		if (error.code !== "MODULE_NOT_FOUND") throw error;
		return skip("playwright-core or axe-core is missing: run npm ci in app/panel");
	}
}

// A browser of its own with an empty profile, which is removed when it closes.
export function launch(chromium) {
	return chromium.launch({
		executablePath: CHROMIUM,
		headless: true,
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
		],
	});
}

// A page, and the list of what went wrong on it so far.
export async function openPage(browser, url, options = {}) {
	const context = await browser.newContext({
		viewport: { width: 1440, height: 900 },
		colorScheme: "light",
		...options,
	});
	const page = await context.newPage();
	const faults = [];
	const host = new URL(url).host;
	page.on("console", (message) => {
		if (message.type() === "error") faults.push(`console: ${message.text()}`);
	});
	page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
	page.on("request", (request) => {
		const to = new URL(request.url());
		if (to.protocol.startsWith("http") && to.host !== host) {
			faults.push(`request to another host: ${request.url()}`);
		}
	});
	page.on("response", (response) => {
		if (response.status() >= 400) faults.push(`${response.status()} for ${response.url()}`);
	});
	await page.goto(url, { waitUntil: "load" });
	return { page, faults };
}

// Faults that axe calls serious or critical, as lines.
export async function seriousFaults(page, axe) {
	await page.evaluate(axe);
	const { violations } = await page.evaluate(() => window.axe.run(document));
	return violations
		.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => `${n.target.join(" ")}: ${n.failureSummary}`).join("; ")}`);
}
