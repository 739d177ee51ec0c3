// SPDX-License-Identifier: BSD-3-Clause
// Totals and ledger in one line: what came, what it became, and whether the account adds up.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { formatCount, formatShare, formatSi } from "../logic/format";
import { receivedBytes, type Sample, sampleAt } from "../logic/history";
import type { Ledger, Stats } from "../rpc/types";
import { shownStats } from "../state/instant";
import { samples } from "../state/panel";
import { texts } from "../texts";

const t = texts.ledger;

interface TileProps {
	id: string;
	label: string;
	value: string;
	title?: string;
	sub?: ComponentChildren;
	more?: ComponentChildren; // shown on hover, focus and click
	tone?: "good" | "bad" | "warn" | undefined;
}

function Tile({ id, label, value, title, sub, more, tone }: TileProps) {
	const [open, setOpen] = useState(false);
	const body = (
		<>
			<span class="tile-label">{label}</span>
			<span class="tile-value" title={title} data-testid={id}>
				{value}
			</span>
			<span class="tile-sub">{sub ?? "\u00a0"}</span>
		</>
	);
	if (!more) return <div class="tile">{body}</div>;
	return (
		<div
			class={`tile tile-more ${open ? "tile-open" : ""} ${tone ? `tile-${tone}` : ""}`}
			onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
		>
			<button type="button" aria-expanded={open} aria-controls={`${id}-more`} onClick={() => setOpen(!open)}>
				{body}
			</button>
			<div class="popover" id={`${id}-more`}>
				{more}
			</div>
		</div>
	);
}

function Account({ rows }: { rows: readonly (readonly [string, number])[] }) {
	return (
		<table class="account">
			<tbody>
				{rows.map(([name, n]) => (
					<tr key={name}>
						<th scope="row">{name}</th>
						<td>{formatCount(n)}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

function shareOf(part: number, whole: number): string {
	return t.perHundred(formatShare(whole > 0 ? part / whole : 0));
}

function MissedTile({ ledger }: { ledger: Ledger }) {
	const { missed, errors, nombuf } = ledger.nic;
	const all = missed + errors + nombuf;
	return (
		<Tile
			id="missed"
			label={t.missed}
			value={formatSi(all, "")}
			title={formatCount(all)}
			sub={shareOf(all, ledger.offered)}
			tone={all > 0 ? "warn" : undefined}
			more={
				<Account
					rows={[
						[t.missedDetail.missed, missed],
						[t.missedDetail.errors, errors],
						[t.missedDetail.nombuf, nombuf],
					]}
				/>
			}
		/>
	);
}

function DiscardedTile({ ledger }: { ledger: Ledger }) {
	const reasons = Object.entries(ledger.discarded).filter(([, n]) => n > 0);
	reasons.sort((a, b) => b[1] - a[1]);
	const all = sum(reasons.map(([, n]) => n));
	return (
		<Tile
			id="discarded"
			label={t.discarded}
			value={formatSi(all, "")}
			title={formatCount(all)}
			sub={shareOf(all, ledger.offered)}
			more={
				reasons.length === 0 ? (
					<p>{t.noDiscards}</p>
				) : (
					<>
						<p>{t.discardReasons}</p>
						<Account rows={reasons.map(([name, n]) => [texts.discardReason(name), n] as const)} />
					</>
				)
			}
		/>
	);
}

function ResidualTile({ ledger }: { ledger: Ledger }) {
	const { nic, residual, detail_lost: lost } = ledger;
	const balanced = residual === 0;
	const detail = lost && lost.packets > 0 ? [[t.account.detail, lost.packets] as const] : [];
	return (
		<Tile
			id="residual"
			label={t.residual}
			value={formatCount(residual)}
			tone={balanced ? "good" : "bad"}
			sub={
				<span class="light" data-testid="ledger-light" data-state={balanced ? "good" : "bad"}>
					<i class={`dot ${balanced ? "dot-good" : "dot-bad"}`} aria-hidden="true" />
					{balanced ? t.balanced : t.unbalanced}
				</span>
			}
			more={
				<>
					<Account
						rows={[
							[t.account.offered, ledger.offered],
							[t.account.missed, nic.missed + nic.errors + nic.nombuf],
							[t.account.received, ledger.received],
							[t.account.flow, ledger.flow_packets],
							[t.account.discarded, sum(Object.values(ledger.discarded))],
							[t.account.residual, residual],
							...detail,
						]}
					/>
					<p>{t.residualHelp}</p>
				</>
			}
		/>
	);
}

function Tiles({ now, rates }: { now: Stats; rates: Sample | null }) {
	const { ledger, flows } = now;
	const bytes = receivedBytes(now);
	return (
		<>
			<Tile
				id="received"
				label={t.received}
				value={formatSi(ledger.received, "")}
				title={formatCount(ledger.received)}
				sub={meanSize(rates)}
			/>
			<Tile id="bytes" label={t.bytes} value={formatSi(bytes, "B")} title={`${formatCount(bytes)} B`} sub={`${formatCount(bytes)} B`} />
			<Tile id="pps" label={t.pps} value={formatSi(rates?.pps ?? undefined, "pps")} sub={t.out(formatSi(rates?.outPps ?? undefined, "pps"))} />
			<Tile id="bps" label={t.bps} value={formatSi(rates?.bps ?? undefined, "bit/s")} sub={t.out(formatSi(rates?.outBps ?? undefined, "bit/s"))} />
			<Tile
				id="flows"
				label={t.flows}
				value={formatSi(flows?.active, "")}
				title={formatCount(flows?.active)}
				sub={t.flowsCreated(flows?.created)}
			/>
			<MissedTile ledger={ledger} />
			<DiscardedTile ledger={ledger} />
			<ResidualTile ledger={ledger} />
		</>
	);
}

// The mean packet of the second.
function meanSize(rates: Sample | null): string | undefined {
	const { pps, bps } = rates ?? {};
	return pps && bps ? t.meanSize(formatSi(bps / 8 / pps, "B")) : undefined;
}

export function LedgerStrip() {
	const now = shownStats.value;
	return (
		<section class="card strip" aria-label={t.title}>
			{now ? (
				<Tiles now={now.stats} rates={sampleAt(samples.value, now.atMs)} />
			) : (
				<div class="empty">{t.waiting}</div>
			)}
		</section>
	);
}
