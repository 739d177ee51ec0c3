// SPDX-License-Identifier: BSD-3-Clause
import { type RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

const MARGIN = "200px";

// Whether an element is in or near the visible part of the page. What is not need not be drawn.
export function useVisible(ref: RefObject<HTMLElement>): boolean {
	const [visible, setVisible] = useState(false);
	useEffect(() => {
		const node = ref.current;
		if (!node) return;
		const observer = new IntersectionObserver(
			(entries) => setVisible(entries[entries.length - 1]?.isIntersecting ?? false),
			{ rootMargin: MARGIN },
		);
		observer.observe(node);
		return () => observer.disconnect();
	}, []);
	return visible;
}
