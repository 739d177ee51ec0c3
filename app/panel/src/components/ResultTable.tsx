// SPDX-License-Identifier: BSD-3-Clause
import { formatCount, formatShare, formatSi, formatZ, metricUnit } from "../logic/format";
import type { Result } from "../rpc/types";
import { texts } from "../texts";
import { isMono } from "./resultBars";

const { columns } = texts.results;

// The rows as they came; the whole value is in each cell's title. Scrolls in its own box, so that
// the page does not move when rows come and go.
export function ResultTable({ result, label }: { result: Result; label: string }) {
	const unit = metricUnit(result.metric);
	const withZ = result.op.type === "outlier";
	const withError = !result.exact;
	return (
		<div class="table-box" tabIndex={0} role="region" aria-label={label}>
			<table class={`rows ${isMono(result.key) ? "rows-mono" : ""}`}>
				<thead>
					<tr>
						<th scope="col" class="rank">
							{columns.rank}
						</th>
						<th scope="col">{texts.keyColumn(result.key)}</th>
						<th scope="col" class="number value">
							{columns.value}
						</th>
						<th scope="col" class="number">
							{columns.share}
						</th>
						{withZ && (
							<th scope="col" class="number">
								{columns.z}
							</th>
						)}
						{withError && (
							<th scope="col" class="number">
								{columns.error}
							</th>
						)}
					</tr>
				</thead>
				<tbody>
					{result.rows.map((row, index) => (
						<tr key={row.key}>
							<td class="rank">{index + 1}</td>
							<th scope="row" title={row.key}>
								{row.key}
							</th>
							<td class="number" title={`${formatCount(row.value)} ${result.metric}`}>
								{formatSi(row.value, unit)}
							</td>
							<td class="number">{formatShare(row.share)}</td>
							{withZ && <td class="number">{formatZ(row.z)}</td>}
							{withError && <td class="number">{formatSi(row.error ?? 0, unit)}</td>}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
