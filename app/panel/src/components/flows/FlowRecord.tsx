// SPDX-License-Identifier: BSD-3-Clause
// A flow's whole record.

import { durationS, endText, filterOf, flagsText, type Flow, type FlowPart, type Summary } from "../../logic/flows";
import { formatCount, formatPlain, formatUtc } from "../../logic/format";
import { flowTexts } from "../../texts/flows";

const t = flowTexts.record;
const PARTS = ["fwd", "rev", "bidir"] as const;

function summaryText({ min, mean, max, std }: Summary): string {
	const round = (v: number) => formatPlain(Number(v.toFixed(1)));
	return t.summary(formatCount(min), round(mean), formatCount(max), round(std));
}

const ROWS: readonly (readonly [string, (part: FlowPart) => string])[] = [
	[t.rows.packets, (part) => formatCount(part.packets)],
	[t.rows.bytes, (part) => formatCount(part.bytes)],
	[t.rows.l3_bytes, (part) => formatCount(part.l3_bytes)],
	[t.rows.flags, (part) => flagsText(part.tcp_flags) || "–"],
	[t.rows.size, (part) => summaryText(part.size)],
	[t.rows.iat, (part) => summaryText(part.iat_us)],
	[t.rows.ttl, (part) => (part.ttl ? `${part.ttl.min} – ${part.ttl.max}` : "–")],
];

function factsOf(flow: Flow): (readonly [string, string])[] {
	const { facts: f } = t;
	const { tunnel } = flow;
	return [
		[f.source, endText(flow.src, flow.sport)],
		[f.destination, endText(flow.dst, flow.dport)],
		[f.proto, String(flow.proto)],
		[f.app, flow.app],
		[f.vlan, flow.vlan.join(", ") || "–"],
		...(tunnel ? [[f.tunnel, `${tunnel.type} ${tunnel.id ?? ""}: ${tunnel.src} – ${tunnel.dst}`] as const] : []),
		[f.first, formatUtc(flow.first_us)],
		[f.last, formatUtc(flow.last_us)],
		[f.duration, flowTexts.seconds(durationS(flow))],
		[f.worker, String(flow.worker)],
	];
}

interface Props {
	flow: Flow;
	gone: boolean;
	onClose: () => void;
	onOnly: (filter: string) => void;
}

export function FlowRecord({ flow, gone, onClose, onOnly }: Props) {
	return (
		<section class="card" aria-labelledby="flow-record-title" data-testid="flow-record">
			<div class="card-head">
				<h2 id="flow-record-title">{t.title}</h2>
				<span class="push exports">
					<button type="button" class="button" onClick={() => onOnly(filterOf(flow))}>
						{t.only}
					</button>
					<button type="button" class="button" onClick={onClose}>
						{t.close}
					</button>
				</span>
			</div>
			{gone && <p class="note">{t.gone}</p>}
			<dl class="facts">
				{factsOf(flow).map(([name, value]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd>{value}</dd>
					</div>
				))}
			</dl>
			<div class="table-wide" tabIndex={0} role="region" aria-label={t.title}>
				<table class="list">
					<thead>
						<tr>
							<td />
							{PARTS.map((part) => (
								<th key={part} scope="col" class="number">
									{t.parts[part]}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{ROWS.map(([name, text]) => (
							<tr key={name}>
								<th scope="row">{name}</th>
								{PARTS.map((part) => (
									<td key={part} class="number">
										{text(flow[part])}
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</div>
			<p class="hint">{t.summaryHelp}</p>
		</section>
	);
}
