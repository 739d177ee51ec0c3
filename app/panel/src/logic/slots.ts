// SPDX-License-Identifier: BSD-3-Clause
// Which bar shows which key. A key keeps its bar while it is ranked, so that the chart can move
// the bar to the new rank; a key that enters takes over the bar of one that leaves.

export class Slots {
	private keys: (string | null)[] = [];

	// The key of each bar, null for a bar that is free. `ranked` is best first.
	assign(ranked: readonly string[]): readonly (string | null)[] {
		const wanted = new Set(ranked);
		this.keys = this.keys.map((key) => (key !== null && wanted.has(key) ? key : null));
		const placed = new Set(this.keys);
		const entering = ranked.filter((key) => !placed.has(key));
		for (let i = 0; i < this.keys.length && entering.length > 0; i++) {
			if (this.keys[i] === null) this.keys[i] = entering.shift() ?? null;
		}
		this.keys.push(...entering);
		this.shrink(ranked.length);
		return this.keys;
	}

	// Free bars at the end go; free ones in the middle are filled from the end.
	private shrink(count: number): void {
		while (this.keys.length > count) {
			const last = this.keys.pop() ?? null;
			if (last === null) continue;
			const free = this.keys.indexOf(null);
			if (free < 0) {
				this.keys.push(last);
				return;
			}
			this.keys[free] = last;
		}
	}
}
