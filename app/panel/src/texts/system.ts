// SPDX-License-Identifier: BSD-3-Clause
// What the page System says.

export const systemTexts = {
	ports: {
		title: "Ports",
		none: "There are no ports.",
		noneHelp: "With --pcap packets come from files. Give ports in the configuration, --iface or --demo.",
		columns: {
			port: "Port", name: "Name", driver: "Driver", link: "Link", queues: "Queues", spread: "Spread",
			in: "Packets in", out: "Packets out", missed: "Missed", errors: "Errors", nombuf: "No buffer",
		},
	},
	lcores: {
		title: "Lcores",
		columns: { lcore: "Lcore", cpu: "CPU", role: "Role", now: "Busy, last 10 s", busy: "Since the start" },
	},
	workers: {
		title: "Workers",
		columns: {
			worker: "Worker", lcore: "Lcore", received: "Received", share: "Share of all", flows: "Active flows",
			waiting: "Waiting in its ring", missed: "Missed at its ring", late: "Lateness, 99 %",
		},
	},
	tables: {
		title: "Tables and memory",
		columns: { what: "What", used: "Used", of: "Of", fill: "Fill" },
		flows: "Flow table, flows",
		resident: "Memory of the process",
		queries: "Kept for queries",
		tables: "Flow tables and panes",
		slices: "Retained slices",
		lost: "Flow records lost",
		resultsLost: "Results lost",
		detailLost: "Packets in totals only",
		unknown: "–",
	},
	dimensions: {
		title: "Dimensions",
		note: "What is counted: one for all queries with the same key, scope, filter and prefixes.",
		none: "No query is at work, so no keys are counted.",
		columns: {
			key: "Key", scope: "Scope", filter: "Filter", queries: "Queries", keys: "Keys", budget: "Budget",
			slices: "Slices", memory: "Memory", exact: "Counting",
		},
		exact: "exact",
		estimated: "estimated",
	},
	audit: {
		title: "Audit log",
		note: "Who changed what, newest first. The file beside the store has older records.",
		columns: { at: "When", user: "Who", from: "From", method: "Method", params: "Parameters", outcome: "Outcome" },
		nobody: "anyone",
		done: "done",
		refused: "refused",
		none: "Nothing was changed yet.",
		more: "Show more",
		lost: (n: number) => `${n} records could not be written to the file.`,
	},
	store: {
		title: "Store and push",
		names: {
			state: "Store", stored: "Stored", queued: "Waiting", dropped: "Dropped", push_state: "Push",
			outbox: "Outbox", pushed: "Pushed", push_failures: "Push failures", push_rejected: "Rejected",
			outbox_lost: "Lost from the outbox",
		} as Record<string, string>,
		none: "Nothing is stored: --store none, or a run over captures.",
	},
	control: {
		title: "Connections",
		names: {
			clients: "Clients", requests: "Requests", notifications: "Notifications", dropped: "Skipped for slow readers",
		} as Record<string, string>,
	},
	about: {
		title: "This Weir",
		names: {
			appliance: "Appliance", version: "Version", dpdk: "DPDK", input: "Input", clock: "Clock",
			pane_ms: "Pane", workers: "Workers", uptime_s: "Up for",
		} as Record<string, string>,
	},
	config: {
		title: "Configuration",
		note: "The whole document. Show the difference first; a change can go back by itself unless it is confirmed in time.",
		check: "Show difference",
		apply: "Apply",
		revert: "Read again",
		confirmSeconds: { label: "Go back unless confirmed within", hint: "0: no need to confirm." },
		document: { label: "Configuration, JSON", hint: "" },
		confirm: "Confirm",
		rollback: "Go back now",
		waiting: (seconds: number) => `Applied. It goes back in ${seconds} s unless you confirm.`,
		confirmed: "Confirmed.",
		rolledBack: "Gone back to what was before.",
		applied: "Applied.",
		noChange: "Nothing would change.",
		notJson: (message: string) => `Not JSON: ${message}`,
		columns: { path: "Field", old: "Now", new: "Then", restart: "Takes effect" },
		atOnce: "at once",
		afterRestart: "after a restart",
	},
} as const;
