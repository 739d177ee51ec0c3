// SPDX-License-Identifier: BSD-3-Clause
// What holds on every page at every width: nothing sticks out, nothing that is said in a word or two is cut
// or broken, and one sees which page it is.

import { expect } from "./check.mjs";

export const WIDTHS = { phone: 400, tablet: 768, desk: 1280 };

async function nothingSticksOut(page) {
	const over = await page.evaluate(
		() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
	);
	expect(over <= 0, `${over} pixels stick out`);
}

async function currentPageIsNamed(page) {
	const [name, left, right] = await page.locator(".nav a[aria-current]").evaluate((link) => {
		const box = link.getBoundingClientRect();
		return [link.innerText, box.left, box.right];
	});
	const { width } = page.viewportSize();
	expect(left >= 0 && right <= width, `"${name}" is at ${left} to ${right} of ${width} pixels`);
}

// Scrolled down, the header does not lie over the navigation.
async function headerIsBeside(page) {
	const overlap = await page.evaluate(() => {
		window.scrollTo(0, 300);
		const [header, nav] = [".header", ".nav"].map((name) => document.querySelector(name).getBoundingClientRect());
		window.scrollTo(0, 0);
		return header.bottom - nav.top;
	});
	expect(overlap <= 1, `the header covers ${overlap} pixels of the navigation`);
}

// Tags, states, times and names have one line; text that may be long is in cells that say so.
async function nothingIsBroken(page) {
	const broken = await page.evaluate(() => {
		const parts = document.querySelectorAll("main .tag, main .chip, main time, main .button, main .list code, main .list tbody :is(td, th)");
		return [...parts]
			.filter((part) => !part.closest(".wrap") && part.innerText !== "")
			.filter((part) => {
				// A cell may have several parts, each with a line of its own.
				const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
				for (let text = walker.nextNode(); text; text = walker.nextNode()) {
					const range = document.createRange();
					range.selectNodeContents(text);
					const tops = [...range.getClientRects()].map(({ top }) => Math.round(top));
					if (new Set(tops).size > 1) return true;
				}
				return false;
			})
			.map((part) => part.innerText.replace(/\s+/g, " "));
	});
	expect(broken.length === 0, `on several lines: ${broken.slice(0, 5).join(" | ")}`);
}

// Every choice that can be made is seen whole when it is made.
async function choicesAreWhole(page) {
	const cut = await page.evaluate(() => {
		const ARROW = 20;
		const pen = document.createElement("canvas").getContext("2d");
		return [...document.querySelectorAll("main select")].flatMap((select) => {
			const style = getComputedStyle(select);
			pen.font = `${style.fontSize} ${style.fontFamily}`;
			const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - ARROW;
			return [...select.options].map(({ text }) => text).filter((text) => pen.measureText(text).width > room);
		});
	});
	expect(cut.length === 0, `cut off: ${cut.join(", ")}`);
}

export async function layoutIsWhole(page) {
	await nothingSticksOut(page);
	await currentPageIsNamed(page);
	await nothingIsBroken(page);
	await choicesAreWhole(page);
	await headerIsBeside(page);
}
