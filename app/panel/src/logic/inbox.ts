// SPDX-License-Identifier: BSD-3-Clause
// Notifications come one by one, hundreds of them within the same second. They are taken together,
// so that the page is drawn once for all of them and not once for each. A machine that is slow to
// draw is given as long again for everything else: it draws less often, and does not fall behind.

export class Inbox<T> {
	private items: T[] = [];
	private timer: ReturnType<typeof setTimeout> | null = null;
	private drawingMs = 0; // how long it took the last time

	constructor(
		private readonly take: (items: readonly T[]) => void,
		private readonly delayMs: number,
	) {}

	push(item: T): void {
		this.items.push(item);
		this.timer ??= setTimeout(() => this.flush(), Math.max(this.delayMs, this.drawingMs));
	}

	private flush(): void {
		const items = this.items;
		this.items = [];
		this.timer = null;
		const start = performance.now();
		this.take(items);
		// What was drawn for them is drawn before this comes.
		setTimeout(() => (this.drawingMs = performance.now() - start));
	}
}
