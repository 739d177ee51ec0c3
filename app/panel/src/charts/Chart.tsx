// SPDX-License-Identifier: BSD-3-Clause
// One ECharts instance in the page. While the page is hidden nothing is drawn; the latest option
// is drawn when it shows again.

import { useEffect, useRef } from "preact/hooks";

import { type ChartOption, echarts } from "./echarts";

interface Props {
	option: ChartOption;
	label: string;
	// Options of the same shape are merged into what is shown, with animation; another shape
	// replaces it.
	shape?: string | number;
}

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export function Chart({ option, label, shape }: Props) {
	const element = useRef<HTMLDivElement>(null);
	const chart = useRef<ReturnType<typeof echarts.init> | null>(null);
	const waiting = useRef<ChartOption | null>(null);
	const shown = useRef(shape);

	useEffect(() => {
		const node = element.current;
		if (!node) return;
		const created = echarts.init(node, null, { renderer: "canvas" });
		chart.current = created;
		const observer = new ResizeObserver(() => created.resize());
		observer.observe(node);
		const draw = () => {
			if (!document.hidden && waiting.current) {
				created.setOption(waiting.current, { notMerge: true });
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
		if (shown.current !== shape) chart.current?.clear();
		shown.current = shape;
		if (document.hidden) waiting.current = next;
		else chart.current?.setOption(next);
	}, [option, shape]);

	return <div ref={element} class="chart" role="img" aria-label={label} />;
}
