// SPDX-License-Identifier: BSD-3-Clause
// Notifications come one by one, hundreds of them within the same second. They are taken together,
// so that the page is drawn once for all of them and not once for each.

export class Inbox<T> {
	private items: T[] = [];
	private timer: ReturnType<typeof setTimeout> | null = null;

	constructor(
		private readonly take: (items: readonly T[]) => void,
		private readonly delayMs: number,
	) {}

	push(item: T): void {
		this.items.push(item);
		this.timer ??= setTimeout(() => this.flush(), this.delayMs);
	}

	private flush(): void {
		const items = this.items;
		this.items = [];
		this.timer = null;
		this.take(items);
	}
}
