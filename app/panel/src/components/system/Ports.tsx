// SPDX-License-Identifier: BSD-3-Clause
import { formatCount, formatSi } from "../../logic/format";
import type { Port } from "../../rpc/types";
import { usePoll } from "../../state/poll";
import { systemTexts } from "../../texts/system";
import { type Column, DataTable } from "../DataTable";
import { Section } from "../Section";

const { title, none, noneHelp, columns: c } = systemTexts.ports;
const EVERY_MS = 2000;

const count = (name: string, of: (port: Port) => number): Column<Port> => ({
	name,
	number: true,
	sort: of,
	cell: (port) => formatSi(of(port), ""),
	title: (port) => formatCount(of(port)),
});

const columns: readonly Column<Port>[] = [
	{ name: c.port, sort: (port) => port.port, cell: (port) => port.port },
	{ name: c.name, sort: (port) => port.name, cell: (port) => <code>{port.name}</code> },
	{ name: c.driver, cell: (port) => port.driver },
	{
		name: c.link,
		cell: (port) => <span class={`chip chip-${port.link === "up" ? "good" : "bad"}`}>{port.link}</span>,
	},
	{ name: c.queues, number: true, cell: (port) => port.queues },
	{ name: c.spread, cell: (port) => port.spread ?? "–" },
	count(c.in, (port) => port.ipackets),
	count(c.out, (port) => port.opackets),
	count(c.missed, (port) => port.imissed + (port.dispatch_missed ?? 0)),
	count(c.errors, (port) => port.ierrors),
	count(c.nombuf, (port) => port.rx_nombuf),
];

export function Ports() {
	const { data, error } = usePoll<readonly Port[]>("ports.list", EVERY_MS);
	return (
		<Section id="ports" title={title}>
			{error !== null && (
				<p class="error" role="alert">
					{error}
				</p>
			)}
			{data?.length === 0 && (
				<div class="empty">
					<strong>{none}</strong>
					<span>{noneHelp}</span>
				</div>
			)}
			{data && data.length > 0 && (
				<DataTable label={title} columns={columns} rows={data} keyOf={(port) => String(port.port)} sortParam="ports" />
			)}
		</Section>
	);
}
