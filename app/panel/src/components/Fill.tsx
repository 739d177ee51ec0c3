// SPDX-License-Identifier: BSD-3-Clause
// How full or busy something is: a meter and its percentage.

import { formatShare } from "../logic/format";

const HIGH = 0.8;

export function Fill({ share, label }: { share: number | null | undefined; label: string }) {
	if (share === null || share === undefined) return <span class="muted">–</span>;
	return (
		<span class="fill">
			<meter min={0} max={1} high={HIGH} optimum={0} value={share} aria-label={label} />
			{formatShare(share)}
		</span>
	);
}
