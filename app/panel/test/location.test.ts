// SPDX-License-Identifier: BSD-3-Clause
import { afterEach, describe, expect, it, vi } from "vitest";

import { followLocation, goTo, leave } from "../src/state/location";

// A browser's address, whose event comes when the tasks before it are done.
function browser(hash: string): { location: { hash: string }; arrive: () => void } {
	const listeners: (() => void)[] = [];
	const window = {
		location: { hash },
		addEventListener: (_: string, listener: () => void) => listeners.push(listener),
	};
	vi.stubGlobal("window", window);
	return { location: window.location, arrive: () => listeners.forEach((listener) => listener()) };
}

describe("leaving what an address has open", () => {
	afterEach(() => vi.unstubAllGlobals());

	it("closes it", () => {
		const { location } = browser("#/queries?new=1");
		followLocation();
		leave("queries");
		expect(location.hash).toBe("#/queries");
	});

	it("lets those go who are on their way elsewhere", () => {
		const { location, arrive } = browser("#/queries?new=1");
		followLocation();
		goTo("live");
		leave("queries");
		arrive();
		expect(location.hash).toBe("#/live");
	});
});
