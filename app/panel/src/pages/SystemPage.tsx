// SPDX-License-Identifier: BSD-3-Clause
// What the machine does: ports, lcores, tables, memory, store, connections; and its configuration.

import { Audit } from "../components/system/Audit";
import { ConfigEditor } from "../components/system/ConfigEditor";
import { Ports } from "../components/system/Ports";
import { About, Connections, StoreState } from "../components/system/States";
import { Dimensions, Fills, Lcores, Workers } from "../components/system/Tables";
import { can } from "../state/features";
import { stats, system } from "../state/panel";
import { forbidden } from "../state/session";
import { texts } from "../texts";

export default function SystemPage() {
	const now = stats.value;
	return (
		<div class="page" data-page="system">
			{system.value && <About info={system.value} uptime={now?.uptime_s} />}
			<Ports />
			{now ? (
				<>
					<div class="halves">
						<Lcores stats={now} />
						<Fills stats={now} />
					</div>
					<Workers stats={now} />
					<Dimensions stats={now} />
					<div class="halves">
						<StoreState stats={now} />
						<Connections stats={now} />
					</div>
				</>
			) : (
				<div class="card empty">{texts.ledger.waiting}</div>
			)}
			{can("config.set") && <ConfigEditor />}
			{can("audit.list") && forbidden("audit.list") === undefined && <Audit />}
		</div>
	);
}
