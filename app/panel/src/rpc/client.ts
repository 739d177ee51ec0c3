// SPDX-License-Identifier: BSD-3-Clause
// A JSON-RPC 2.0 client over one websocket that comes back by itself.
//
//   connecting --open--> open --close or silence--> waiting --delay--> connecting ...
//
// The delay doubles from `firstDelay` to `lastDelay` with some randomness, so that many panels do
// not return in the same instant, and starts over once a connection has answered. A call that is
// under way when the connection ends is rejected; calls are never repeated, because most of them
// change something.

export type ConnectionState = "connecting" | "open" | "waiting" | "closed";

export interface FieldFault {
	field: string;
	message: string;
}

export class RpcError extends Error {
	readonly code: number;
	readonly field: string | undefined;
	// Everything that is wrong, where the server names more than one field.
	readonly faults: readonly FieldFault[];

	constructor(code: number, message: string, field?: string, faults: readonly FieldFault[] = []) {
		super(message);
		this.code = code;
		this.field = field;
		this.faults = faults.length === 0 && field !== undefined ? [{ field, message }] : faults;
	}
}

// The connection ended, or no answer came in time.
export class ConnectionLost extends Error {}

// The part of WebSocket that is used; tests bring their own.
export interface Socket {
	onopen: (() => void) | null;
	onclose: ((event: { code: number }) => void) | null;
	onerror: (() => void) | null;
	onmessage: ((event: { data: unknown }) => void) | null;
	send(text: string): void;
	close(): void;
}

export interface RpcOptions {
	connect: () => Socket;
	onState: (state: ConnectionState, retryAtMs: number | null) => void;
	onNotification: (method: string, params: unknown) => void;
	firstDelay?: number; // ms
	lastDelay?: number; // ms
	callTimeout?: number; // ms
	// After this long without a message the server is asked for a sign of life.
	silence?: number; // ms
	random?: () => number;
}

interface Pending {
	resolve: (value: unknown) => void;
	reject: (reason: Error) => void;
	timer: ReturnType<typeof setTimeout>;
}

// The delay before attempt number `attempt` (from 0), in ms: between half and the whole of the
// doubled one.
export function backoffDelay(attempt: number, first: number, last: number, random: number): number {
	const whole = Math.min(last, first * 2 ** Math.min(attempt, 20));
	return Math.round(whole * (0.5 + random / 2));
}

export class RpcClient {
	private readonly options: Required<RpcOptions>;
	private socket: Socket | null = null;
	private state: ConnectionState = "closed";
	private attempt = 0;
	private nextId = 1;
	private readonly pending = new Map<number, Pending>();
	private retryTimer: ReturnType<typeof setTimeout> | null = null;
	private silenceTimer: ReturnType<typeof setInterval> | null = null;
	private heardSince = false;

	constructor(options: RpcOptions) {
		this.options = {
			firstDelay: 500,
			lastDelay: 10_000,
			callTimeout: 10_000,
			silence: 8_000,
			random: Math.random,
			...options,
		};
	}

	start(): void {
		if (this.state === "closed") this.open();
	}

	stop(): void {
		this.abandon(new ConnectionLost("closed"));
		this.setState("closed", null);
	}

	// Do not wait for the rest of the delay (the network came back, the person asked).
	retryNow(): void {
		if (this.state === "waiting") this.open();
	}

	call<T>(method: string, params?: unknown): Promise<T> {
		const socket = this.socket;
		if (this.state !== "open" || !socket) {
			return Promise.reject(new ConnectionLost("not connected"));
		}
		const id = this.nextId++;
		return new Promise<T>((resolve, reject) => {
			const timer = setTimeout(() => {
				this.pending.delete(id);
				reject(new ConnectionLost(`${method}: no answer`));
			}, this.options.callTimeout);
			this.pending.set(id, { resolve: resolve as (value: unknown) => void, reject, timer });
			const request = { jsonrpc: "2.0", id, method };
			socket.send(JSON.stringify(params === undefined ? request : { ...request, params }));
		});
	}

	private open(): void {
		this.clearTimers();
		this.setState("connecting", null);
		let socket: Socket;
		try {
			socket = this.options.connect();
		} catch {
			this.retryLater();
			return;
		}
		this.socket = socket;
		socket.onopen = () => {
			if (this.socket !== socket) return;
			this.heardSince = true;
			this.silenceTimer = setInterval(() => this.checkSilence(), this.options.silence);
			this.setState("open", null);
		};
		socket.onmessage = (event) => {
			if (this.socket === socket) this.receive(event.data);
		};
		socket.onerror = null; // a close event always follows
		socket.onclose = () => {
			if (this.socket === socket) this.lose();
		};
	}

	private lose(): void {
		this.abandon(new ConnectionLost("connection lost"));
		this.retryLater();
	}

	// Forget the socket and reject what waits for it.
	private abandon(reason: Error): void {
		this.clearTimers();
		const socket = this.socket;
		this.socket = null;
		if (socket) {
			socket.onopen = socket.onmessage = socket.onclose = null;
			socket.close();
		}
		const waiting = [...this.pending.values()];
		this.pending.clear();
		for (const call of waiting) {
			clearTimeout(call.timer);
			call.reject(reason);
		}
	}

	private retryLater(): void {
		const { firstDelay, lastDelay, random } = this.options;
		const delay = backoffDelay(this.attempt++, firstDelay, lastDelay, random());
		this.setState("waiting", Date.now() + delay);
		this.retryTimer = setTimeout(() => this.open(), delay);
	}

	private checkSilence(): void {
		if (!this.heardSince) {
			this.call("system.info").catch((error: unknown) => {
				if (error instanceof ConnectionLost && this.state === "open") this.lose();
			});
		}
		this.heardSince = false;
	}

	private receive(data: unknown): void {
		this.heardSince = true;
		this.attempt = 0;
		let message: unknown;
		try {
			message = JSON.parse(String(data));
		} catch {
			return; // not JSON: nothing that could be acted upon
		}
		for (const one of Array.isArray(message) ? message : [message]) this.dispatch(one);
	}

	private dispatch(message: unknown): void {
		if (typeof message !== "object" || message === null) return;
		const m = message as Record<string, unknown>;
		if (typeof m.method === "string" && m.id === undefined) {
			this.options.onNotification(m.method, m.params);
			return;
		}
		const call = typeof m.id === "number" ? this.pending.get(m.id) : undefined;
		if (!call) return;
		this.pending.delete(m.id as number);
		clearTimeout(call.timer);
		if (m.error !== undefined) call.reject(toError(m.error));
		else call.resolve(m.result);
	}

	private setState(state: ConnectionState, retryAtMs: number | null): void {
		this.state = state;
		this.options.onState(state, retryAtMs);
	}

	private clearTimers(): void {
		if (this.retryTimer !== null) clearTimeout(this.retryTimer);
		if (this.silenceTimer !== null) clearInterval(this.silenceTimer);
		this.retryTimer = this.silenceTimer = null;
	}
}

function toError(error: unknown): RpcError {
	const e = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
	const data = (typeof e.data === "object" && e.data !== null ? e.data : {}) as Record<
		string,
		unknown
	>;
	return new RpcError(
		typeof e.code === "number" ? e.code : -32603,
		typeof e.message === "string" ? e.message : "error",
		typeof data.field === "string" && data.field !== "" ? data.field : undefined,
		Array.isArray(data.errors) ? data.errors.filter(isFault) : [],
	);
}

function isFault(fault: unknown): fault is FieldFault {
	const f = (typeof fault === "object" && fault !== null ? fault : {}) as Record<string, unknown>;
	return typeof f.field === "string" && f.field !== "" && typeof f.message === "string";
}
