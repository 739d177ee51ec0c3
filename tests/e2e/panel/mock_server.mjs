// SPDX-License-Identifier: BSD-3-Clause
// Stands in for Weir while the panel is developed: serves app/panel/dist and speaks JSON-RPC on
// /ws with made-up traffic (mock_world.mjs).
//
//   node mock_server.mjs [--port N] [--no-generator] [--load QUERIES]
//
// A line on stdin changes what a test wants to see: "cut SECONDS" closes all connections and
// refuses new ones for so long, "residual N" makes the ledger wrong by N, "lost N" tells clients
// that they lost N notifications, "mute SECONDS" sends nothing for so long.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { World } from "./mock_world.mjs";

const panel = fileURLToPath(new URL("../../../app/panel/", import.meta.url));
const { WebSocketServer } = createRequire(join(panel, "package.json"))("ws");

const CSP =
	"default-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; img-src 'self' data:";
const TYPES = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript",
	".css": "text/css",
	".svg": "image/svg+xml",
};

const args = process.argv.slice(2);
const port = Number(args[args.indexOf("--port") + 1] ?? 0) || 0;
const load = Number(args[args.indexOf("--load") + 1]) || 0;
const world = new World({ generator: !args.includes("--no-generator"), load });
const clients = new Map();
let refuseUntil = 0;
let muteUntil = 0;

const http = createServer((request, response) => {
	const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
	const file = join(panel, "dist", path === "/" ? "index.html" : path);
	response.setHeader("Content-Security-Policy", CSP);
	response.setHeader("X-Content-Type-Options", "nosniff");
	if (request.method === "POST" && path === "/rpc") {
		// session.get, which the panel asks before anything else: nobody has to log in.
		const result = { authentication: false, kind: "open", user: null, role: "admin" };
		response.setHeader("Content-Type", "application/json");
		response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result }));
		return;
	}
	if (!existsSync(file) || !statSync(file).isFile()) {
		response.writeHead(404).end();
		return;
	}
	response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
	createReadStream(file).pipe(response);
});

const sockets = new WebSocketServer({
	noServer: true,
	handleProtocols: (protocols) => (protocols.has("weir.v1") ? "weir.v1" : false),
});

http.on("upgrade", (request, socket, head) => {
	if (!request.url.endsWith("/ws") || Date.now() < refuseUntil) {
		socket.destroy();
		return;
	}
	sockets.handleUpgrade(request, socket, head, (client) => {
		clients.set(client, new Set());
		client.on("close", () => clients.delete(client));
		client.on("message", (data) => answer(client, data));
	});
});

function answer(client, data) {
	if (Date.now() < muteUntil) return;
	const { id, method, params } = JSON.parse(String(data));
	let reply;
	try {
		if (method === "subscribe") {
			for (const topic of params.topics) clients.get(client).add(topic);
			reply = { result: { topics: [...clients.get(client)] } };
		} else {
			reply = { result: world.call(method, params) };
		}
	} catch (error) {
		reply = {
			error: { code: error.code ?? -32603, message: error.message, data: { field: error.field ?? "" } },
		};
	}
	client.send(JSON.stringify({ jsonrpc: "2.0", id, ...reply }));
}

function notify(topic, params, everyone = false) {
	if (Date.now() < muteUntil) return;
	const text = JSON.stringify({ jsonrpc: "2.0", method: topic, params });
	for (const [client, topics] of clients) if (everyone || topics.has(topic)) client.send(text);
}

setInterval(() => {
	const results = world.tick(Date.now() * 1000);
	if (results.length > 0) world.latest = results;
	for (const result of results) notify("result", result);
	notify("stats", world.stats());
}, 1000);

createInterface({ input: process.stdin }).on("line", (line) => {
	const [word, number] = line.trim().split(/\s+/);
	const n = Number(number);
	if (word === "cut") {
		refuseUntil = Date.now() + n * 1000;
		for (const client of clients.keys()) client.terminate();
	} else if (word === "mute") muteUntil = Date.now() + n * 1000;
	else if (word === "residual") world.residual = n;
	else if (word === "alert") notify("alert", world.alert(`10.0.0.${n}`));
	else if (word === "unheard") world.alert(`10.0.0.${n}`);
	else if (word === "lost") notify("dropped", { notifications: n }, true);
});

http.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${http.address().port}`));
