// SPDX-License-Identifier: BSD-3-Clause
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
	backoffDelay,
	ConnectionLost,
	type ConnectionState,
	RpcClient,
	RpcError,
	type Socket,
} from "../src/rpc/client";

class FakeSocket implements Socket {
	onopen: (() => void) | null = null;
	onclose: ((event: { code: number }) => void) | null = null;
	onerror: (() => void) | null = null;
	onmessage: ((event: { data: unknown }) => void) | null = null;
	readonly sent: { id: number; method: string; params?: unknown }[] = [];
	closed = false;

	send(text: string): void {
		this.sent.push(JSON.parse(text));
	}

	close(): void {
		this.closed = true;
	}

	receive(message: unknown): void {
		this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
	}
}

let sockets: FakeSocket[];
let states: ConnectionState[];
let notifications: [string, unknown][];
let client: RpcClient;

const last = (): FakeSocket => sockets[sockets.length - 1] as FakeSocket;

beforeEach(() => {
	vi.useFakeTimers();
	sockets = [];
	states = [];
	notifications = [];
	client = new RpcClient({
		connect: () => {
			sockets.push(new FakeSocket());
			return last();
		},
		onState: (state) => states.push(state),
		onNotification: (method, params) => notifications.push([method, params]),
		random: () => 1,
	});
	client.start();
});

afterEach(() => {
	client.stop();
	vi.useRealTimers();
});

describe("calls", () => {
	beforeEach(() => last().onopen?.());

	it("match answers by id, in any order", async () => {
		const first = client.call("a");
		const second = client.call("b", { x: 1 });
		const [a, b] = last().sent;
		expect(b).toMatchObject({ jsonrpc: "2.0", method: "b", params: { x: 1 } });
		last().receive({ jsonrpc: "2.0", id: b?.id, result: 2 });
		last().receive({ jsonrpc: "2.0", id: a?.id, result: 1 });
		await expect(first).resolves.toBe(1);
		await expect(second).resolves.toBe(2);
	});

	it("carry the server's error and its field", async () => {
		const call = client.call("processor.set", { k: 0 });
		const error = { code: -32602, message: "k: found 0", data: { field: "k" } };
		last().receive({ jsonrpc: "2.0", id: last().sent[0]?.id, error });
		const failure = await call.catch((e: unknown) => e);
		expect(failure).toBeInstanceOf(RpcError);
		expect(failure).toMatchObject({ code: -32602, message: "k: found 0", field: "k" });
	});

	it("treat an empty field as none", async () => {
		const call = client.call("x");
		last().receive({ id: last().sent[0]?.id, error: { code: -1, message: "m", data: { field: "" } } });
		const failure = (await call.catch((e: unknown) => e)) as RpcError;
		expect(failure.field).toBeUndefined();
	});

	it("end when no answer comes", async () => {
		const call = client.call("slow");
		const outcome = expect(call).rejects.toBeInstanceOf(ConnectionLost);
		// Something else is heard meanwhile, so the connection itself is alive.
		for (let i = 0; i < 3; i++) {
			await vi.advanceTimersByTimeAsync(4000);
			last().receive({ method: "stats", params: {} });
		}
		await outcome;
		expect(states[states.length - 1]).toBe("open");
	});

	it("survive what is not JSON-RPC", () => {
		for (const junk of ["{", "null", "[]", '"x"', '{"id":99,"result":1}', '[1,{"method":"m"}]']) {
			last().receive(junk);
		}
		expect(notifications).toEqual([["m", undefined]]);
	});

	it("pass notifications on", () => {
		last().receive({ jsonrpc: "2.0", method: "stats", params: { a: 1 } });
		expect(notifications).toEqual([["stats", { a: 1 }]]);
	});
});

describe("reconnection", () => {
	it("refuses calls while there is no connection", async () => {
		await expect(client.call("x")).rejects.toBeInstanceOf(ConnectionLost);
	});

	it("rejects what waits and comes back after the delay", async () => {
		last().onopen?.();
		const call = client.call("x");
		const outcome = expect(call).rejects.toBeInstanceOf(ConnectionLost);
		last().onclose?.({ code: 1006 });
		await outcome;
		expect(states).toEqual(["connecting", "open", "waiting"]);
		await vi.advanceTimersByTimeAsync(499);
		expect(sockets.length).toBe(1);
		await vi.advanceTimersByTimeAsync(1);
		expect(sockets.length).toBe(2);
		last().onopen?.();
		expect(states.slice(-2)).toEqual(["connecting", "open"]);
	});

	it("waits longer each time, and from the start again once the server answered", async () => {
		for (const delay of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
			const before = sockets.length;
			last().onclose?.({ code: 1006 });
			await vi.advanceTimersByTimeAsync(delay - 1);
			expect(sockets.length).toBe(before);
			await vi.advanceTimersByTimeAsync(1);
			expect(sockets.length).toBe(before + 1);
		}
		last().onopen?.();
		last().receive({ method: "stats" });
		last().onclose?.({ code: 1006 });
		const before = sockets.length;
		await vi.advanceTimersByTimeAsync(500);
		expect(sockets.length).toBe(before + 1);
	});

	it("does not wait when told so", () => {
		last().onclose?.({ code: 1006 });
		client.retryNow();
		expect(sockets.length).toBe(2);
		client.retryNow();
		expect(sockets.length).toBe(2);
	});

	it("takes silence for a lost connection", async () => {
		last().onopen?.();
		const silent = last();
		await vi.advanceTimersByTimeAsync(16_000);
		expect(silent.sent.map((s) => s.method)).toEqual(["system.info"]);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(silent.closed).toBe(true);
		expect(states).toContain("waiting");
	});

	it("ignores a socket that it gave up", () => {
		const old = last();
		const receive = old.onmessage;
		old.onclose?.({ code: 1006 });
		client.retryNow();
		receive?.({ data: '{"method":"stats"}' });
		expect(notifications).toEqual([]);
	});

	it("stops for good", async () => {
		last().onopen?.();
		client.stop();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(sockets.length).toBe(1);
		expect(last().closed).toBe(true);
	});

	it("spreads the delay over its second half", () => {
		expect(backoffDelay(0, 500, 10_000, 0)).toBe(250);
		expect(backoffDelay(3, 500, 10_000, 1)).toBe(4000);
		expect(backoffDelay(60, 500, 10_000, 1)).toBe(10_000);
	});
});
