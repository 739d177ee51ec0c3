// SPDX-License-Identifier: BSD-3-Clause
// The flows as rows; a row's source opens its record.

import { barsOf, durationS, endText, type Flow, flowId } from "../../logic/flows";
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
	open: string | null;
	onOpen: (id: string) => void;
}

export function FlowTable({ flows, open, onOpen }: Props) {
	const { columns: c } = t;
	const largest = Math.max(0, ...flows.map(({ fwd, rev }) => Math.max(fwd.bytes, rev.bytes)));
	const columns: Column<Flow>[] = [
		{
			name: c.source,
			cell: (flow) => {
				const id = flowId(flow);
				const source = endText(flow.src, flow.sport);
				return (
					<button type="button" class="link" aria-expanded={id === open} title={t.open(id)} onClick={() => onOpen(id)}>
						<code>{source}</code>
					</button>
				);
			},
		},
		{ name: c.destination, cell: (flow) => <code>{endText(flow.dst, flow.dport)}</code> },
		{ name: c.app, cell: (flow) => flow.app },
		{ name: c.bars, cell: (flow) => <Bars flow={flow} largest={largest} /> },
		{
			name: c.bytes, number: true, title: (flow) => formatCount(flow.bidir.bytes),
			cell: (flow) => formatSi(flow.bidir.bytes, "B"),
		},
		{
			name: c.packets, number: true, title: (flow) => formatCount(flow.bidir.packets),
			cell: (flow) => formatSi(flow.bidir.packets, ""),
		},
		{ name: c.duration, number: true, cell: (flow) => t.seconds(durationS(flow)) },
		{ name: c.last, number: true, title: (flow) => formatUtc(flow.last_us), cell: (flow) => formatTime(flow.last_us) },
	];
	return <DataTable label={t.title} columns={columns} rows={flows} keyOf={flowId} />;
}
