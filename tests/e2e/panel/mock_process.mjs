// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

// Starts the mock server on a free port: its address, a way to tell it something, and to stop it.
export function startMock(args) {
	const script = fileURLToPath(new URL("./mock_server.mjs", import.meta.url));
	const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("exit", (code) => reject(new Error(`mock server ended with ${code}`)));
		child.stdout.once("data", (data) =>
			resolve({
				url: `${String(data).trim()}/`,
				tell: (line) => child.stdin.write(`${line}\n`),
				stop: () => child.kill(),
			}),
		);
	});
}
