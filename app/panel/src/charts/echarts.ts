// SPDX-License-Identifier: BSD-3-Clause
// The parts of ECharts that the panel uses, and no others.

import { BarChart, LineChart } from "echarts/charts";
import {
	AxisPointerComponent,
	GridComponent,
	MarkLineComponent,
	TooltipComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
	BarChart,
	LineChart,
	GridComponent,
	TooltipComponent,
	AxisPointerComponent,
	MarkLineComponent,
	CanvasRenderer,
]);

export { echarts };
export type { EChartsCoreOption as ChartOption } from "echarts/core";
