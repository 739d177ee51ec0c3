// SPDX-License-Identifier: BSD-3-Clause
// Who is logged in here, and what that role may do. Asked by HTTP, as a login brings a cookie and a
// websocket cannot; a Weir without users answers that whoever asks is an admin.

import { computed, signal } from "@preact/signals";

import { type Answer, answerOf } from "../rpc/http";
import { roleOf } from "./features";
import { texts } from "../texts";

export type Role = "anyone" | "viewer" | "operator" | "admin";

export interface Session {
	authentication: boolean;
	kind: string;
	user: string | null;
	role: Role;
}

const RANKS: readonly Role[] = ["anyone", "viewer", "operator", "admin"];

export const session = signal<Session | null>(null);
export const needsLogin = computed(
	() => session.value !== null && session.value.authentication && session.value.role === "anyone",
);

export function takeSession(next: unknown): void {
	const s = next as Session | null;
	if (typeof s?.authentication !== "boolean" || !RANKS.includes(s.role)) return;
	if (JSON.stringify(s) !== JSON.stringify(session.value)) session.value = s;
}

// Nothing to hear of: the session stays as it was known.
export async function askSession(): Promise<void> {
	const answer = await answerOf("session.get").catch(() => null);
	if (answer?.result !== undefined) takeSession(answer.result);
}

// null: logged in; else why not.
export async function logIn(user: string, password: string): Promise<string | null> {
	let answer: Answer;
	try {
		answer = await answerOf("session.login", { user, password });
	} catch {
		return texts.login.unreachable;
	}
	if (answer.error) return answer.error.message;
	takeSession(answer.result);
	return null;
}

export async function logOut(): Promise<void> {
	const answer = await answerOf("session.logout").catch(() => null);
	if (answer?.result !== undefined) takeSession(answer.result);
}

export function roleIsEnough(role: Role | undefined, needed: string | undefined): boolean {
	const rank = RANKS.indexOf((needed ?? "anyone") as Role);
	return role === undefined || RANKS.indexOf(role) >= rank;
}

// Why this method cannot be called by whoever is logged in; undefined: it can.
export function forbidden(method: string): string | undefined {
	const now = session.value;
	const needed = roleOf(method);
	if (now === null || roleIsEnough(now.role, needed)) return undefined;
	return texts.login.forbidden(needed ?? "", now.role);
}
