// SPDX-License-Identifier: BSD-3-Clause
// The flows as rows; a row's source opens its record.

import { barsOf, durationS, endText, type Flow, type FlowChoice, flowId } from "../../logic/flows";
import { formatCount, formatSi, formatTime, formatUtc } from "../../logic/format";
import { flowTexts as t } from "../../texts/flows";
import { type Column, DataTable } from "../DataTable";

function Bars({ flow, largest }: { flow: Flow; largest: number }) {
	const { there, back } = barsOf(flow, largest);
	const label = t.bars(formatSi(flow.fwd.bytes, "B"), formatSi(flow.rev.bytes, "B"));
	return (
		<span class="flow-bars" role="img" aria-label={label} title={label}>
			<i class="there" style={{ width: `${there * 100}%` }} />
			<i class="back" style={{ width: `${back * 100}%` }} />
		</span>
	);
}

interface Props {
	flows: readonly Flow[];
	choice: FlowChoice;
	onOpen: (id: string) => void;
	onSort: (sort: FlowChoice["sort"], order: FlowChoice["order"]) => void;
}

// The columns that Weir sorts by.
const SORTED = ["bytes", "packets", "duration", "last"] as const;

export function FlowTable({ flows, choice, onOpen, onSort }: Props) {
	const { columns: c } = t;
	const sorted = SORTED.find((name) => name === choice.sort);
	const order = sorted ? { column: c[sorted], descending: choice.order === "desc" } : null;
	const choose = (column: Column<Flow>) => {
		const sort = SORTED.find((name) => c[name] === column.name);
		if (sort) onSort(sort, sort === choice.sort && choice.order === "desc" ? "asc" : "desc");
	};
	const largest = Math.max(0, ...flows.map(({ fwd, rev }) => Math.max(fwd.bytes, rev.bytes)));
	const columns: Column<Flow>[] = [
		{
			name: c.source,
			cell: (flow) => {
				const id = flowId(flow);
				const source = endText(flow.src, flow.sport);
				return (
					<button type="button" class="link" aria-expanded={id === choice.flow} title={t.open(id)} onClick={() => onOpen(id)}>
						<code>{source}</code>
					</button>
				);
			},
		},
		{ name: c.destination, cell: (flow) => <code>{endText(flow.dst, flow.dport)}</code> },
		{ name: c.app, cell: (flow) => flow.app },
		{ name: c.bars, cell: (flow) => <Bars flow={flow} largest={largest} /> },
		{
			name: c.bytes, number: true, sort: (flow) => flow.bidir.bytes, title: (flow) => formatCount(flow.bidir.bytes),
			cell: (flow) => formatSi(flow.bidir.bytes, "B"),
		},
		{
			name: c.packets, number: true, sort: (flow) => flow.bidir.packets, title: (flow) => formatCount(flow.bidir.packets),
			cell: (flow) => formatSi(flow.bidir.packets, ""),
		},
		{ name: c.duration, number: true, sort: durationS, cell: (flow) => t.seconds(durationS(flow)) },
		{
			name: c.last, number: true, sort: (flow) => flow.last_us, title: (flow) => formatUtc(flow.last_us),
			cell: (flow) => formatTime(flow.last_us),
		},
	];
	return <DataTable label={t.title} columns={columns} rows={flows} keyOf={flowId} sorting={{ order, choose }} />;
}
