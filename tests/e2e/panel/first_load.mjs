// SPDX-License-Identifier: BSD-3-Clause
// What has to be fetched before the first page shows.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { expect, PATIENCE } from "./check.mjs";

const LIMIT = 500_000; // bytes, compressed

export async function firstLoadIsSmall(page) {
	await page.locator('[data-page="live"]').waitFor({ timeout: PATIENCE });
	const paths = await page.evaluate(() =>
		[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(
			(entry) => new URL(entry.name).pathname,
		),
	);
	const dist = (path) => fileURLToPath(new URL(`../../../app/panel/dist${path}`, import.meta.url));
	const sizes = [...new Set(paths)].map((path) => gzipSync(readFileSync(dist(path === "/" ? "/index.html" : path))).length);
	const sum = sizes.reduce((a, b) => a + b, 0);
	console.log(`      first load: ${sizes.length} files, ${Math.round(sum / 1000)} kB compressed`);
	expect(sizes.length >= 4, "too few files to be the whole panel");
	expect(sum < LIMIT, `${sum} bytes, allowed ${LIMIT}`);
}
