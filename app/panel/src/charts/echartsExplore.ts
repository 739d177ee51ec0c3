// SPDX-License-Identifier: BSD-3-Clause
// What Explore and History need of ECharts beyond the other pages; loaded with them.

import { HeatmapChart, SankeyChart } from "echarts/charts";
import { LegendComponent, VisualMapComponent } from "echarts/components";

import { echarts } from "./echarts";

echarts.use([HeatmapChart, SankeyChart, LegendComponent, VisualMapComponent]);
