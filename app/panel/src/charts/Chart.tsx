// SPDX-License-Identifier: BSD-3-Clause
// One ECharts instance in the page. While the page is hidden nothing is drawn; the latest option
// is drawn when it shows again.

import { useEffect, useRef } from "preact/hooks";

import { type ChartOption, echarts } from "./echarts";

interface Props {
	option: ChartOption;
	label: string;
	class?: string;
}

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export function Chart({ option, label, class: className }: Props) {
	const element = useRef<HTMLDivElement>(null);
	const chart = useRef<ReturnType<typeof echarts.init> | null>(null);
	const waiting = useRef<ChartOption | null>(null);

	useEffect(() => {
		const node = element.current;
		if (!node) return;
		const created = echarts.init(node, null, { renderer: "canvas" });
		chart.current = created;
		const observer = new ResizeObserver(() => created.resize());
		observer.observe(node);
		const draw = () => {
			if (!document.hidden && waiting.current) {
				created.setOption(waiting.current);
				waiting.current = null;
			}
		};
		document.addEventListener("visibilitychange", draw);
		return () => {
			document.removeEventListener("visibilitychange", draw);
			observer.disconnect();
			created.dispose();
			chart.current = null;
		};
	}, []);

	useEffect(() => {
		const next = still.matches ? { ...option, animation: false } : option;
		if (document.hidden) waiting.current = next;
		else chart.current?.setOption(next);
	}, [option]);

	return <div ref={element} class={`chart ${className ?? ""}`} role="img" aria-label={label} />;
}
