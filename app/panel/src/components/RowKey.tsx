// SPDX-License-Identifier: BSD-3-Clause
// A row's key with what is known of it: its name, country and AS.

import { asText } from "../logic/rows";
import type { Row } from "../rpc/types";

export function RowKey({ row }: { row: Row }) {
	const as = asText(row.as);
	const title = [row.key, row.name, row.country, as].filter(Boolean).join(" · ");
	return (
		<span class="row-key" title={title}>
			{row.name ? <b>{row.name}</b> : <span>{row.key}</span>}
			{row.country && <span class="tag">{row.country}</span>}
			{as && <span class="tag">{as}</span>}
		</span>
	);
}
