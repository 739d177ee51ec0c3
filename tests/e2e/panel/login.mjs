// SPDX-License-Identifier: BSD-3-Clause
// The panel against a Weir with users: nothing is seen before the login, a viewer's buttons say why
// they do nothing, an admin reads the audit log, and who is out is out.
//
// Users: anna (admin) and vera (viewer), whose password is "password of NAME".

import { openPage, seriousFaults } from "./browser.mjs";
import { expect, goTo, PATIENCE, rpcOf, same, step, until } from "./check.mjs";

const form = (page) => page.getByTestId("login");

async function logIn(page, user, password = `password of ${user}`) {
	await page.getByLabel("User", { exact: true }).fill(user);
	await page.getByLabel("Password", { exact: true }).fill(password);
	await page.getByRole("button", { name: "Log in", exact: true }).click();
}

const loggedIn = (page) => page.getByTestId("account").waitFor({ timeout: PATIENCE });

async function logOut(page) {
	await page.getByRole("button", { name: "Log out", exact: true }).click();
	await form(page).waitFor({ timeout: PATIENCE });
}

async function wrongPassword(page) {
	await logIn(page, "vera", "another password");
	const said = form(page).getByRole("alert");
	await said.waitFor({ timeout: PATIENCE });
	same(await said.innerText(), "user or password is wrong", "the form");
}

async function viewerIsTold(page) {
	const button = page.getByRole("button", { name: "Stop processor" });
	await until("the button is off", async () => button.isDisabled());
	const title = await button.getAttribute("title");
	expect(title?.includes("operator") && title.includes("viewer"), `the button says: ${title}`);
	await goTo(page, "#/system");
	const check = page.getByTestId("config").getByRole("button", { name: "Show difference" });
	await check.waitFor({ timeout: PATIENCE });
	expect((await check.getAttribute("title"))?.includes("admin"), "the configuration says why");
	expect(await page.getByTestId("audit").count() === 0, "a viewer sees no audit log");
}

async function adminChanges(page) {
	await page.getByRole("button", { name: "Stop processor" }).click();
	await goTo(page, "#/system");
	const row = page.getByTestId("audit").locator("tbody tr").first();
	await until("the change is in the audit log", async () => {
		const cells = (await row.count()) > 0 ? await row.locator("th, td").allInnerTexts() : [];
		return (cells[1] === "anna" && cells[3] === "processor.stop" && cells[5] === "done") || cells;
	});
}

// The login ends elsewhere: the page that is open must notice.
async function endsFromOutside(page, url) {
	const [cookie] = await page.context().cookies(url);
	await fetch(new URL("rpc", url), {
		method: "POST",
		headers: { "Content-Type": "application/json", Cookie: `${cookie.name}=${cookie.value}` },
		body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "session.logout" }),
	});
	await form(page).waitFor({ timeout: PATIENCE });
}

export async function testLogin(browser, url, axe) {
	const { page, faults } = await openPage(browser, url);
	await step("nothing but the login is seen", async () => {
		await form(page).waitFor({ timeout: PATIENCE });
		expect(await page.getByTestId("connection").count() === 0, "the header is not there");
		const serious = await seriousFaults(page, axe);
		expect(serious.length === 0, `axe: ${serious.join("; ")}`);
	});
	await step("a wrong password is told", () => wrongPassword(page));
	await step("a viewer logs in", async () => {
		await logIn(page, "vera");
		await loggedIn(page);
	});
	await step("a viewer's buttons say why they are off", () => viewerIsTold(page));
	await step("logging out leads back", () => logOut(page));
	await step("an admin's change is in the audit log", async () => {
		await logIn(page, "anna");
		await loggedIn(page);
		await adminChanges(page);
	});
	await step("an ended login leads back", () => endsFromOutside(page, url));
	await step("without a login nothing is answered", async () => {
		const failure = await rpcOf(url)("stats.get").catch((error) => error);
		same(failure.code, -32006, "stats.get");
	});
	// A websocket that was refused is told on the console by the browser itself.
	const unexpected = faults.filter((fault) => !fault.includes("/ws"));
	await step("no errors on the console", async () => expect(unexpected.length === 0, unexpected.join("; ")));
	await page.context().close();
}
