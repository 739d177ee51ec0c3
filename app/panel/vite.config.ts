// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds a running Weir (or the mock server of tests/e2e/panel).
const backend = process.env.WEIR_URL ?? "http://127.0.0.1:8080";

// FILE.gz beside each text that it makes smaller; Weir sends those to browsers that take them.
function compressed(): Plugin {
	return {
		name: "compressed",
		apply: "build",
		writeBundle({ dir = "dist" }) {
			for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
				if (!entry.isFile() || !/\.(html|js|css|svg)$/.test(entry.name)) continue;
				const path = join(entry.parentPath ?? entry.path, entry.name);
				const plain = readFileSync(path);
				const packed = gzipSync(plain, { level: 9 });
				if (packed.length < plain.length) writeFileSync(`${path}.gz`, packed);
			}
		},
	};
}

export default defineConfig({
	plugins: [compressed()],
	// Relative addresses, so that the panel also works below a path of a reverse proxy.
	base: "./",
	esbuild: { jsx: "automatic", jsxImportSource: "preact" },
	build: {
		target: "es2020",
		outDir: "dist",
		// Nothing is inlined: the Content-Security-Policy allows scripts and fonts as files only.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: true,
		chunkSizeWarningLimit: 1024,
	},
	server: { proxy: { "/ws": { target: backend, ws: true, changeOrigin: true } } },
	test: { include: ["test/**/*.test.ts"], environment: "node" },
});
