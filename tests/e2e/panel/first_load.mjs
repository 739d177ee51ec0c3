// SPDX-License-Identifier: BSD-3-Clause
// What has to be fetched before the first page shows, as it came over the network.

import { expect, PATIENCE } from "./check.mjs";

const LIMIT = 500_000; // bytes, compressed

export async function firstLoadIsSmall(page) {
	await page.locator('[data-page="live"]').waitFor({ timeout: PATIENCE });
	const sizes = await page.evaluate(() =>
		[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(
			({ encodedBodySize, decodedBodySize }) => [encodedBodySize, decodedBodySize],
		),
	);
	const [sent, whole] = [0, 1].map((i) => sizes.reduce((sum, pair) => sum + pair[i], 0));
	console.log(`      first load: ${sizes.length} files, ${Math.round(sent / 1000)} kB of ${Math.round(whole / 1000)} kB`);
	expect(sizes.length >= 4 && whole > 300_000, "too few files to be the whole panel");
	expect(sent < LIMIT, `${sent} bytes, allowed ${LIMIT}`);
	expect(sent < whole / 2, "it did not come compressed");
}
