// SPDX-License-Identifier: BSD-3-Clause
// What the panel knows: one signal for each thing that changes by itself, filled from the
// connection. Components read signals and call the actions at the end; nothing else talks to the
// server.

import { batch, computed, effect, signal, type Signal } from "@preact/signals";

import { appendSample, ratesOf, type Sample } from "../logic/history";
import { Inbox } from "../logic/inbox";
import { type OutCounters, outCounters, outRates } from "../logic/ports";
import { type ConnectionState, RpcClient, RpcError, type Socket } from "../rpc/client";
import type {
	Alert,
	Generator,
	Port,
	Processor,
	Profile,
	Query,
	Result,
	Stats,
	SystemInfo,
} from "../rpc/types";
import { forgetAlerts, refreshAlerts, takeAlert } from "./alerts";
import { takeMethods } from "./features";
import { keepStats, resultHistory } from "./instant";
import { askSession, needsLogin, takeSession } from "./session";

const KEEP_MS = 10 * 60 * 1000 + 5000;
const STALE_MS = 3500;
const SETTINGS_POLL_MS = 3000;
const INBOX_MS = 60;

export type GeneratorState =
	| { kind: "unknown" }
	| { kind: "none"; reason: string }
	| { kind: "present"; generator: Generator };

export const connection = signal<ConnectionState>("connecting");
export const retryAtMs = signal<number | null>(null);
export const system = signal<SystemInfo | null>(null);
export const processor = signal<Processor | null>(null);
export const generator = signal<GeneratorState>({ kind: "unknown" });
export const stats = signal<Stats | null>(null);
export const outNow = signal<{ pps: number; bps: number | null } | null>(null);
export const samples = signal<readonly Sample[]>([]);
export const queries = signal<readonly Query[] | null>(null);
export const lostNotifications = signal(0);
export const clockMs = signal(Date.now());
const statsHeardMs = signal<number | null>(null);

// Seconds since the last statistics, null before the first.
export const ageSeconds = computed(() =>
	statsHeardMs.value === null ? null : Math.max(0, (clockMs.value - statsHeardMs.value) / 1000),
);
// What is shown no longer follows the appliance.
export const stale = computed(
	() =>
		statsHeardMs.value !== null &&
		(connection.value !== "open" || clockMs.value - statsHeardMs.value > STALE_MS),
);

const results = new Map<string, Signal<Result | null>>();

// The latest result of a query; the same signal every time.
export function resultOf(query: string): Signal<Result | null> {
	let found = results.get(query);
	if (!found) {
		found = signal<Result | null>(null);
		results.set(query, found);
	}
	return found;
}

let client: RpcClient | null = null;
let previousStats: { stats: Stats; atMs: number } | null = null;
let previousOut: OutCounters | null = null;

function takeStats(next: Stats): void {
	if (typeof next?.ledger !== "object" || next.ledger === null) return;
	const now = Date.now();
	const atMs = next.at_us === undefined ? now : next.at_us / 1000;
	batch(() => {
		stats.value = next;
		statsHeardMs.value = now;
		clockMs.value = now;
		keepStats({ atMs, stats: next });
		const rates = ratesOf(next, atMs, previousStats);
		if (rates) {
			const out = outNow.value;
			const sample = { atMs, ...rates, outPps: out?.pps ?? null, outBps: out?.bps ?? null };
			samples.value = appendSample(samples.value, sample, KEEP_MS);
		}
	});
	previousStats = { stats: next, atMs };
	if (!document.hidden) refreshOut().catch(() => undefined);
}

// What the ports send, and the generator: asked for with each statistics, which do not have it.
async function refreshOut(): Promise<void> {
	const absent = generator.value.kind === "none";
	const [answer] = await Promise.all([call("ports.list"), absent ? null : refreshGenerator()]);
	const ports = listOf<Port>(answer, "ports");
	const state = generator.value;
	const now = outCounters(ports, state.kind === "present" ? state.generator : null, Date.now());
	outNow.value = outRates(now, previousOut) ?? outNow.value;
	previousOut = now;
}

function takeResult(next: Result): void {
	if (typeof next?.query !== "string" || !Array.isArray(next.rows)) return;
	resultOf(next.query).value = next;
	resultHistory.push(next);
	// Somebody else added it.
	if (queries.value?.every((q) => q.name !== next.query)) refreshList().catch(() => undefined);
}

const inbox = new Inbox<Result>((items) => batch(() => items.forEach(takeResult)), INBOX_MS);

function takeNotification(method: string, params: unknown): void {
	switch (method) {
		case "result":
			inbox.push(params as Result);
			break;
		case "stats":
			takeStats(params as Stats);
			break;
		case "alert":
			takeAlert(params as Alert);
			break;
		case "dropped": {
			const lost = (params as { notifications?: unknown } | null)?.notifications;
			lostNotifications.value += typeof lost === "number" ? lost : 1;
			void refreshAlerts(); // some may have been among them
			break;
		}
	}
}

// Lists come bare or in an object with one member, by the method's version.
function listOf<T>(answer: unknown, member: string): T[] {
	if (Array.isArray(answer)) return answer as T[];
	const inner = (answer as Record<string, unknown> | null)?.[member];
	return Array.isArray(inner) ? (inner as T[]) : [];
}

async function refreshProcessor(): Promise<void> {
	processor.value = await call<Processor>("processor.get");
}

async function refreshGenerator(): Promise<void> {
	try {
		generator.value = { kind: "present", generator: await call<Generator>("generator.get") };
	} catch (error) {
		if (!(error instanceof RpcError)) throw error;
		generator.value = { kind: "none", reason: error.message };
	}
}

// The list stays the same object while nothing in it changes, so that nothing is drawn for it.
async function refreshList(): Promise<readonly Query[]> {
	const answer = listOf<Query>(await call("query.list"), "queries");
	const list = answer.filter((q) => typeof q?.name === "string");
	if (JSON.stringify(list) !== JSON.stringify(queries.value)) queries.value = list;
	return list;
}

export async function refreshQueries(): Promise<void> {
	const list = await refreshList();
	await Promise.all(
		list.map(async ({ name }) => {
			const latest = await call<Result | null>("results.latest", { query: name }).catch(ignoreRpc);
			if (latest) takeResult(latest);
		}),
	);
}

// A call that the server refuses leaves its part of the page empty; the rest goes on.
function ignoreRpc(error: unknown): null {
	if (error instanceof RpcError) return null;
	throw error;
}

async function begin(): Promise<void> {
	const tasks = [
		call<SystemInfo>("system.info").then((info) => (system.value = info)),
		refreshProcessor(),
		refreshGenerator(),
		refreshQueries(),
		call("rpc.methods").then(takeMethods),
		call("session.get").then(takeSession),
		call<Stats>("stats.get").then(takeStats),
		// What was before is asked for only then, or what happens in between would be missing.
		call("subscribe", { topics: ["result", "stats", "alert"] }).then(refreshAlerts),
	];
	await Promise.allSettled(tasks);
}

function websocketUrl(): string {
	const url = new URL("ws", document.baseURI);
	url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
	url.search = url.hash = "";
	return url.href;
}

// Connect and stay connected; once.
export function startPanel(): void {
	client = new RpcClient({
		connect: () => new WebSocket(websocketUrl(), "weir.v1") as unknown as Socket,
		onNotification: takeNotification,
		onState: (state, retry) => {
			batch(() => {
				connection.value = state;
				retryAtMs.value = retry;
				clockMs.value = Date.now();
			});
			if (state === "open") void begin();
			// Refused or closed, perhaps for want of a login; a browser does not say why.
			if (state === "waiting") void askSession();
		},
	});
	void askSession().then(followSession);
	window.addEventListener("online", () => client?.retryNow());
	document.addEventListener("visibilitychange", () => {
		if (!document.hidden) client?.retryNow();
	});
	setInterval(() => (clockMs.value = Date.now()), 1000);
	setInterval(pollSettings, SETTINGS_POLL_MS);
}

// Connected while nobody has to log in first.
function followSession(): void {
	effect(() => {
		if (needsLogin.value) {
			client?.stop();
			forget();
		} else client?.start();
	});
}

// What a page shows must not outlive the login.
function forget(): void {
	batch(() => {
		system.value = processor.value = stats.value = outNow.value = queries.value = statsHeardMs.value = null;
		generator.value = { kind: "unknown" };
		samples.value = [];
		forgetAlerts();
		for (const result of results.values()) result.value = null;
		previousStats = previousOut = null;
	});
}

// What other clients may change.
function pollSettings(): void {
	if (connection.value !== "open" || document.hidden) return;
	refreshProcessor().catch(() => undefined);
	refreshList().catch(() => undefined);
	call("session.get").then(takeSession).catch(() => undefined);
}

export function retryNow(): void {
	client?.retryNow();
}

export function call<T>(method: string, params?: unknown): Promise<T> {
	return client ? client.call<T>(method, params) : Promise.reject(new Error("not started"));
}

export async function setProcessor(changes: Partial<Omit<Processor, "running">>): Promise<void> {
	await call("processor.set", changes);
	await refreshProcessor();
}

export async function runProcessor(run: boolean): Promise<void> {
	await call(run ? "processor.start" : "processor.stop");
	await refreshProcessor();
}

export async function setGenerator(changes: Profile): Promise<void> {
	await call("generator.set", changes);
	await refreshGenerator();
}

export async function runGenerator(run: boolean): Promise<void> {
	await call(run ? "generator.start" : "generator.stop");
	await refreshGenerator();
}
