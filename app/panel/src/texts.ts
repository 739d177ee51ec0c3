// SPDX-License-Identifier: BSD-3-Clause
// Everything the panel says, in one place.

import { formatAge, formatCount, formatPlain, formatSi, formatZ } from "./logic/format";

const metricNouns: Record<string, string> = {
	bytes: "bytes",
	packets: "packets",
	flows: "flows",
	peers: "peers",
	ports: "ports",
};

const keyNouns: Record<string, [string, string]> = {
	protocol: ["protocol", "protocols"],
	ip_proto: ["IP protocol", "IP protocols"],
	ip: ["address", "addresses"],
	src_ip: ["source", "sources"],
	dst_ip: ["destination", "destinations"],
	ip_pair: ["pair", "pairs"],
	src_dst_ip: ["source and destination", "sources and destinations"],
	flow: ["flow", "flows"],
	src_port: ["source port", "source ports"],
	dst_port: ["destination port", "destination ports"],
	vlan: ["VLAN", "VLANs"],
	src_mac: ["source MAC", "source MACs"],
	dst_mac: ["destination MAC", "destination MACs"],
	subnet: ["subnet", "subnets"],
	total: ["total", "totals"],
};

export function keyNoun(key: string, count: number): string {
	const nouns = keyNouns[key] ?? ["key", "keys"];
	return count === 1 ? nouns[0] : nouns[1];
}

function sentence(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

const discards: Record<string, string> = {
	linktype: "Link type is not decoded",
	l2_truncated: "Shorter than the link-layer header",
	vlan_depth: "More VLAN tags than a flow key holds",
	llc: "802.3 frame without IP",
	arp: "ARP or RARP",
	mpls_payload: "MPLS over other things than IP",
	pppoe_discovery: "PPPoE discovery",
	pppoe_payload: "PPPoE session without IP (control)",
	non_ip: "Other Ethernet type",
	ip_version: "IP version does not fit the Ethernet type",
	ipv4_truncated: "Shorter than the IPv4 header",
	ipv4_header_length: "IPv4 header length below 20 bytes",
	ipv6_truncated: "Shorter than the IPv6 header",
	ipv6_extension: "IPv6 extension header cut off",
	stopped: "Received while the processor was stopped",
};

export const texts = {
	title: "Weir",
	skip: "Skip to the page",
	sortHelp: "Sort by this; again: the other way; again: as it came",
	zone: (name: string) => `· times in ${name}`,
	loading: "Connecting to Weir…",

	connection: {
		connecting: "Connecting",
		open: "Live",
		stale: "No data",
		waiting: (seconds: number) => `Reconnecting in ${seconds} s`,
		retry: "Retry now",
		lost: (seconds: number | null) =>
			seconds === null
				? "Not connected to Weir. The panel keeps trying by itself."
				: `Connection lost. What you see is ${formatAge(seconds)} old; the panel keeps trying by itself.`,
		silent: (seconds: number) =>
			`Connected, but no statistics for ${formatAge(seconds)}. What you see is old.`,
		dropped: (count: number) =>
			`${formatCount(count)} updates were skipped because this browser read too slowly. The numbers shown are still right.`,
		dismiss: "Dismiss",
	},

	login: {
		title: "Log in to Weir",
		user: "User",
		password: "Password",
		logIn: "Log in",
		checking: "Checking…",
		logOut: "Log out",
		unreachable: "Weir does not answer. Try again in a moment.",
		forbidden: (needed: string, role: string) => `This needs the role ${needed}; you are ${role}.`,
	},
	theme: { label: "Colours", auto: "Auto", light: "Light", dark: "Dark" },

	processor: {
		title: "Processor",
		running: "Processor running",
		stopped: "Processor stopped",
		unknown: "Processor unknown",
		start: "Start processor",
		stop: "Stop processor",
		startShort: "Start",
		stopShort: "Stop",
		note: "Parameters of the six built-in queries. A change takes effect at once and loses no packet.",
		fields: {
			H: { label: "Share limit H", unit: "%", hint: "A key with more than H % of the traffic is shown as a large share." },
			T: { label: "Window T", unit: "s", hint: "Results cover the last T seconds." },
			k: { label: "Ranks k", unit: "", hint: "How many keys the top lists show." },
			X: { label: "Outlier limit X", unit: "σ", hint: "A value above mean + X·σ is an outlier." },
		},
	},

	generator: {
		title: "Generator",
		running: "running",
		stopped: "stopped",
		start: "Start generator",
		stop: "Stop generator",
		none: "This Weir has no generator.",
		noneDetail: (reason: string) => `The server says: ${reason}`,
		noneHelp:
			"A generator runs with weir --demo. On other inputs, send packets from a second machine with weir-pktgen.",
		rate: "Rate",
		sent: "Sent",
		dropped: "Dropped",
		late: "Late",
		latency: {
			p50_us: "Latency p50",
			p99_us: "p99",
			p999_us: "p99.9",
			max_us: "max",
			jitter_us: "Jitter",
		},
		latencyTitle: (packets: string) => `Generator to RX lcore, over ${packets} stamped packets`,
		fields: {
			rate_pps: { label: "Rate", hint: "2mpps, 500k, 1500000; max for as fast as the port takes them." },
			flows: { label: "Flows", hint: "How many flows the packets belong to." },
			popularity: { label: "Popularity", hint: "How packets spread over the flows." },
			popularity_s: { label: "Exponent s", hint: "Larger means that few flows carry more." },
			size: { label: "Packet size", hint: "Frame bytes without FCS." },
			size_bytes: { label: "Bytes", hint: "" },
			size_min: { label: "Smallest", hint: "" },
			size_max: { label: "Largest", hint: "" },
			source: { label: "Addresses", hint: "" },
			net: { label: "Network", hint: "As in 10.0.0.0/16." },
			count: { label: "Count", hint: "Addresses taken from it." },
			addresses: { label: "Address list", hint: "One a line, then its weight: 192.0.2.1 20. Many at once: 10.0.0.0/16*5000 80." },
			protocols: { label: "Protocols", hint: "One a line, then its weight: HTTPS 40." },
			events: { label: "Events", hint: "One a line: surge at_s=30 for_s=10 key=53.215.218.189 factor=20. None where it is empty." },
		},
		options: {
			uniform: "Uniform",
			zipf: "Zipf",
			fixed: "Fixed",
			imix: "IMIX",
			list: "From a list",
			net: "From a network",
		},
	},

	form: {
		apply: "Apply",
		revert: "Revert",
		applying: "Applying…",
		applied: "Applied",
		unsaved: "Changed, not applied",
		disconnected: "Not connected: nothing was changed.",
	},

	range: {
		fromTo: (min: number, max: number) => `${formatPlain(min)} to ${formatPlain(max)}`,
		aboveUpTo: (min: number, max: number) =>
			`above ${formatPlain(min)}, up to ${formatPlain(max)}`,
		atLeast: (min: number) => `${formatPlain(min)} or more`,
		above: (min: number) => `above ${formatPlain(min)}`,
	},

	invalid: {
		empty: (range: string) => `Enter a number: ${range}.`,
		notNumber: (range: string) => `Not a number. Allowed: ${range}.`,
		notInteger: (range: string) => `Whole numbers only: ${range}.`,
		outOfRange: (range: string) => `Out of range. Allowed: ${range}.`,
		rate: "Enter a rate such as 2mpps, 500k, 1500000 or max, up to 1gpps.",
		line: (line: number, problem: string) => `Line ${line}: ${problem}`,
		event: "the type, then name=value for each of its fields.",
		tooManyWords: "a name and perhaps a weight, nothing more.",
		badName: (name: string) => `“${name}” is not allowed here.`,
		twice: (name: string) => `“${name}” is there twice.`,
		badWeight: (weight: string) => `“${weight}” is not a weight; use a number of 0 or more.`,
		noLines: "Enter at least one line.",
		someWeights: "Give every line a weight, or none.",
		noWeight: "At least one weight must be above 0.",
		net: "Enter a network, as in 10.0.0.0/16.",
		order: "Must not be below the smallest.",
	},

	ledger: {
		title: "Totals",
		received: "Received",
		packets: "packets",
		bytes: "Volume",
		pps: "Packets/s in",
		bps: "Bits/s in",
		flows: "Active flows",
		flowsCreated: (n: number | undefined) => `${formatSi(n, "")} created`,
		missed: "Missed",
		missedDetail: { missed: "No room in the queue", errors: "Receive errors", nombuf: "No buffer free" },
		discarded: "Discarded",
		discardReasons: "Packets in no flow, by reason",
		noDiscards: "Every packet received so far belongs to a flow.",
		residual: "Ledger residual",
		balanced: "Balanced",
		unbalanced: "Does not add up",
		residualHelp: "Received packets that are neither in a flow nor discarded for a reason. Anything but 0 is a defect of Weir.",
		account: {
			offered: "Offered",
			missed: "Missed, errors, no buffer",
			received: "Received",
			flow: "In flows",
			discarded: "Discarded",
			residual: "Residual",
			detail: "Detail lost",
		},
		perHundred: (share: string) => `${share} of offered`,
		details: "Show details",
		out: (rate: string) => `${rate} out`,
		meanSize: (size: string) => `${size} mean size`,
		waiting: "Waiting for the first statistics…",
	},

	discardReason: (name: string): string => discards[name] ?? name,

	nav: {
		label: "Pages",
		live: "Live",
		explore: "Explore",
		flows: "Flows",
		history: "History",
		queries: "Queries",
		limits: "Limits",
		generator: "Generator",
		system: "System",
		loading: "Loading the page…",
		failed: "This page could not be loaded. Reload the panel.",
		missing: "This Weir does not have what this page shows.",
		missingHelp: (method: string) => `Its method table has no ${method}: a newer version does.`,
	},

	instant: {
		title: "Time shown",
		pause: "Pause",
		resume: "Go on",
		live: "Newest",
		paused: (time: string) => `Paused at ${time}. Measuring goes on.`,
		pointed: (time: string) => `As it was at ${time}`,
		slider: "Moment shown",
	},

	traffic: {
		title: "Traffic",
		in: "in",
		out: "out",
		packets: "Packets per second: in filled, out dashed",
		bits: "Bits per second: in filled, out dashed",
		range: "Time shown",
		minutes: (n: number) => `${n} min`,
		waiting: "The chart fills as statistics arrive, one point a second.",
		label: (minutes: number) => `Packets and bits per second over the last ${minutes} minutes`,
	},

	results: {
		title: "Results",
		none: "No query is at work.",
		noneHelp: "Add or resume one on the page Queries.",
		waiting: "Waiting for the first result…",
		waitingStopped: "No result yet: the processor is stopped. Start it to measure.",
		waitingHelp: "A result comes at the end of the first second with traffic.",
		exact: "exact",
		exactHelp: "Every value is counted, none is estimated.",
		approximate: "estimated",
		approximateHelp: "Values may be overstated by up to the error given in the table.",
		stale: "old",
		stopped: "stopped",
		window: "Window",
		windowTitle: (start: string, end: string) => `From ${start} to ${end}`,
		columns: { rank: "#", trend: "Trend", value: "Value", share: "Share", z: "z", error: "± max" },
		rose: (from: number) => `was ${from}`,
		entered: "new",
		enteredHelp: "Had no rank in the window before",
		swap: "≈",
		swapHelp: "This rank may belong to a neighbour: the difference is within the error.",
		trendLabel: (title: string) => `${title}: the last minute of each row`,
		total: (value: string) => `${value} in all`,
		noTraffic: "No packets in this window.",
		noTrafficStopped: "The processor is stopped, so nothing is counted. Start it to measure.",
		noTrafficGenerator: "The generator is stopped. Start it, or connect another source of packets.",
		noTrafficOther: "Nothing arrived on the ports, or it lies outside the query's scope and filter.",
		noShare: (key: string, percent: number) =>
			`No ${keyNoun(key, 1)} carries more than ${formatPlain(percent)} % of the traffic.`,
		noOutlier: (rule: string) => `No value is above ${rule}.`,
		cannotFire: (key: string, n: number, x: number, bound: number) =>
			n < 2
				? `With ${formatCount(n)} ${keyNoun(key, n)} there is nothing to compare, so no outlier can be found.`
				: `With ${formatCount(n)} ${keyNoun(key, n)} no value can exceed mean + ${formatPlain(x)}σ: ` +
					`z is at most √(n − 1) = ${formatZ(bound)}. Set X below that to see outliers.`,
		cannotFireMad: (key: string, n: number) =>
			`With ${formatCount(n)} ${keyNoun(key, n)} no value can be an outlier by this rule.`,
		noRows: "No rows in this window.",
		rule: (x: number, method: string) =>
			method === "mad" ? `median + ${formatPlain(x)}·1.4826·MAD` : `mean + ${formatPlain(x)}σ`,
		centre: (method: string) => (method === "mad" ? "median" : "mean"),
		shareLimit: "limit H",
		chartLimit: (shown: number) => `Chart: first ${shown}`,
		shown: (rows: number, keys: number, key: string) =>
			`${formatCount(rows)} of ${formatCount(keys)} ${keyNoun(key, keys)} seen`,
		tableLabel: (title: string) => `${title}, as a table`,
		chartLabel: (title: string) => `${title}, as bars; the same values are in the table`,
	},

	alerts: {
		title: "Alerts",
		all: "All alerts",
		raised: "raised",
		cleared: "cleared",
		one: (query: string, key: string, value: string, limit: string) =>
			`${query}: ${key} at ${value}, limit ${limit}`,
	},

	// "Top addresses by bytes"
	resultTitle(key: string, metric: string, op: string): string {
		const [one, many] = [keyNoun(key, 1), keyNoun(key, 2)];
		const by = metric === "bytes" ? "" : ` by ${metricNouns[metric] ?? metric}`;
		switch (op) {
			case "topk":
				return `Top ${many}${by}`;
			case "share":
				return `Large ${one} shares${by}`;
			case "outlier":
				return `Outlying ${many}${by}`;
			case "limit":
				return `${sentence(many)} outside limits${by}`;
			default:
				return `${sentence(many)}${by}`;
		}
	},

	keyColumn: (key: string): string => sentence(keyNoun(key, 1)),
} as const;
