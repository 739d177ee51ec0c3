// SPDX-License-Identifier: BSD-3-Clause
// The page Live against a running demo.

import { expect, goTo, PATIENCE, same, step, until, wholeNumber } from "./check.mjs";

const QUIET_MS = 3000; // the layout is watched for so long
const SHIFT_MAX = 0.01; // cumulative layout shift allowed meanwhile

const stateOf = (page) => page.getByTestId("connection").getAttribute("data-state");
const card = (page, query) => page.locator(`[data-query="${query}"]`);

export async function numbersMove(page) {
	await until("connection", async () => (await stateOf(page)) === "open" || stateOf(page));
	const received = page.getByTestId("received");
	await received.waitFor({ timeout: PATIENCE });
	const before = await received.getAttribute("title");
	await until("received packets", async () => {
		const now = await received.getAttribute("title");
		return now !== before || now;
	});
}

// Cards out of sight are not drawn, so each is brought into view.
export async function sixResults(page) {
	for (const key of ["protocol", "ip"]) {
		for (const op of ["topk", "share", "outlier"]) {
			const query = card(page, `${key}-${op}`);
			await query.scrollIntoViewIfNeeded({ timeout: PATIENCE });
			await query.getByTestId("window").waitFor({ timeout: PATIENCE });
			const rows = await query.locator("tbody tr").count();
			const why = await query.getByTestId("why-empty").count();
			expect(rows > 0 || why > 0, `${key}-${op} shows neither rows nor a reason`);
			expect(op !== "topk" || rows > 0, `${key}-${op} has no rows`);
		}
	}
}

async function rowsShown(page, query) {
	const rows = card(page, query).locator("tbody tr");
	const cells = await rows.evaluateAll((list) =>
		list.map((row) => [row.dataset.key, row.querySelector("td.number").title]),
	);
	return cells.map(([key, title]) => ({ key, value: wholeNumber(title) }));
}

// Paused, the page stands at one moment: its rows are those that the store has of that window.
async function pausedEqualsStore(page, rpc) {
	await page.getByRole("button", { name: "Pause" }).click();
	const ms = Number(await page.getByTestId("instant").getAttribute("data-ms"));
	expect(ms > 0, "no moment is named");
	for (const query of ["ip-topk", "protocol-topk", "ip-outlier"]) {
		await card(page, query).scrollIntoViewIfNeeded();
		const window = card(page, query).getByTestId("window");
		const end = Number(await window.getAttribute("data-end", { timeout: PATIENCE }));
		expect(end <= ms * 1000 && end > (ms - 5000) * 1000, `${query}: window to ${end}, shown ${ms}`);
		let stored = [];
		await until(`${query} in the store`, async () => {
			stored = await rpc("results.list", { query, from_us: end, to_us: end + 1 });
			return stored.length === 1 || stored.length;
		});
		same(await rowsShown(page, query), stored[0].rows.map(({ key, value }) => ({ key, value })), query);
	}
}

async function pausedStands(page) {
	const received = page.getByTestId("received");
	const before = await received.getAttribute("title");
	await page.waitForTimeout(1500);
	same(await received.getAttribute("title"), before, "received while paused");
	const slider = page.getByRole("slider", { name: "Moment shown" });
	await slider.focus();
	await page.keyboard.press("ArrowLeft");
	await page.keyboard.press("ArrowLeft");
	const back = await received.getAttribute("title");
	expect(wholeNumber(back) < wholeNumber(before), "the slider does not go back in time");
	await page.getByRole("button", { name: "Go on" }).click();
	await numbersMove(page);
}

// The ten rows of a ranking are seen without scrolling in its table, and times name their zone.
async function rowsFit(page) {
	const table = card(page, "ip-topk").locator(".table-box");
	await table.scrollIntoViewIfNeeded();
	same(await table.locator("tbody tr").count(), 10, "rows");
	const [over, zone] = await Promise.all([
		table.evaluate((box) => box.scrollHeight - box.clientHeight),
		card(page, "ip-topk").getByTestId("window").innerText(),
	]);
	expect(over <= 0, `${over} pixels of the table are out of sight`);
	expect(/UTC([+-][0-9:]+)?$/.test(zone), `no zone: ${zone}`);
}

// Protocols and addresses have a row each, also on a wide screen.
async function threeInARow(page) {
	const size = page.viewportSize();
	await page.setViewportSize({ width: 1920, height: 1080 });
	await until("three cards in a row", async () => {
		const tops = await page.locator(".results > [data-query]").evaluateAll((cards) =>
			cards.slice(0, 6).map((one) => Math.round(one.getBoundingClientRect().top)),
		);
		return (new Set(tops.slice(0, 3)).size === 1 && tops[3] > tops[0] && new Set(tops.slice(3)).size === 1) || tops.join();
	});
	await page.setViewportSize(size);
}

// What the tiles of the totals say is not cut off.
async function tilesAreWhole(page) {
	const cut = await page.locator(".strip .tile-label").evaluateAll((labels) =>
		labels.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText),
	);
	expect(cut.length === 0, `cut off: ${cut.join(", ")}`);
}

// Totals only grow, so what is shown lies between two answers around it.
async function totalsBetween(page, rpc) {
	const before = await rpc("stats.get");
	await page.waitForTimeout(2100);
	const shown = wholeNumber(await page.getByTestId("received").getAttribute("title"));
	const after = await rpc("stats.get");
	expect(
		before.ledger.received <= shown && shown <= after.ledger.received,
		`${shown} is not from ${before.ledger.received} to ${after.ledger.received}`,
	);
	const light = await page.getByTestId("ledger-light").getAttribute("data-state");
	same(light, after.ledger.residual === 0 ? "good" : "bad", "ledger light");
}

// The pointer on a row marks it; on the traffic chart it chooses the moment.
async function hoverReads(page) {
	await card(page, "ip-topk").scrollIntoViewIfNeeded();
	const row = card(page, "ip-topk").locator("tbody tr").nth(1);
	await row.hover();
	await until("lit row", async () => (await card(page, "ip-topk").locator("tr.lit").count()) === 1);
	const chart = page.locator(".traffic .chart");
	await chart.scrollIntoViewIfNeeded();
	const box = await chart.boundingBox();
	const instant = page.getByTestId("instant");
	for (const x of [0.42, 0.45, 0.47]) await page.mouse.move(box.x + box.width * x, box.y + 80);
	await until("moment under the pointer", async () => (await instant.innerText()).startsWith("As it was"));
	await page.mouse.move(5, 5);
	await until("newest again", async () => (await instant.innerText()) === "");
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

async function processorStopsAndStarts(page) {
	const box = page.getByTestId("processor");
	await box.getByRole("button", { name: "Stop processor" }).click();
	await until("stopped", async () => (await box.innerText()).includes("stopped"));
	await box.getByRole("button", { name: "Start processor" }).click();
	await until("running", async () => (await box.innerText()).includes("running"));
}

export async function testLive(page, rpc) {
	await goTo(page, "#/live");
	await step("live: numbers change within seconds", () => numbersMove(page));
	await step("live: all six results are there", () => sixResults(page));
	await step("live: ten rows fit, times have a zone", () => rowsFit(page));
	await step("live: no name of a total is cut off", () => tilesAreWhole(page));
	await step("live: three results in a row on a wide screen", () => threeInARow(page));
	await step("live: totals are those of stats.get", () => totalsBetween(page, rpc));
	await step("live: paused, rows are those of the store", () => pausedEqualsStore(page, rpc));
	await step("live: paused, the page stands and can go back", () => pausedStands(page));
	await step("live: the pointer reads chart and table together", () => hoverReads(page));
	await step("live: the layout stays calm", () => layoutIsCalm(page));
	await step("live: the processor stops and starts", () => processorStopsAndStarts(page));
}
