// SPDX-License-Identifier: BSD-3-Clause
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds a running Weir (or the mock server of tests/e2e/panel).
const backend = process.env.WEIR_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
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
