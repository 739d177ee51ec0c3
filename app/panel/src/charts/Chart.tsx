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
	still?: boolean; // no animation
	// Under the pointer: the value on the first axis (a time), or the name of a datum.
	onPoint?: (value: number | null) => void;
	onName?: (name: string | null) => void;
	onReady?: (chart: EChart) => void;
}

export type EChart = ReturnType<typeof echarts.init>;

const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");

function listen(chart: EChart, props: { current: Props }): void {
	chart.on("updateAxisPointer", (event) => {
		const { axesInfo } = event as { axesInfo?: { value: number }[] };
		props.current.onPoint?.(axesInfo?.[0]?.value ?? null);
	});
	chart.on("mouseover", (event) => props.current.onName?.(event.name));
	chart.on("mouseout", () => props.current.onName?.(null));
	chart.on("globalout", () => {
		props.current.onPoint?.(null);
		props.current.onName?.(null);
	});
}

export function Chart(props: Props) {
	const { option, label, shape } = props;
	const latest = useRef(props);
	latest.current = props;
	const element = useRef<HTMLDivElement>(null);
	const chart = useRef<EChart | null>(null);
	const waiting = useRef<ChartOption | null>(null);
	const shown = useRef(shape);

	useEffect(() => {
		const node = element.current;
		if (!node) return;
		const created = echarts.init(node, null, { renderer: "canvas" });
		chart.current = created;
		listen(created, latest);
		latest.current.onReady?.(created);
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
		const next = reduced.matches || props.still ? { ...option, animation: false } : option;
		if (shown.current !== shape) chart.current?.clear();
		shown.current = shape;
		if (document.hidden) waiting.current = next;
		else chart.current?.setOption(next);
	}, [option, shape]);

	return <div ref={element} class="chart" role="img" aria-label={label} />;
}
