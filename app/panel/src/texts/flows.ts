// SPDX-License-Identifier: BSD-3-Clause
// What the page Flows says.

import { formatCount, formatSi } from "../logic/format";

export const flowTexts = {
	title: "Flows that live now",
	sort: {
		label: "First by",
		options: {
			bytes: "Bytes", packets: "Packets", last: "Latest packet", first: "First packet",
			duration: "Duration",
		},
	},
	order: { label: "Order", options: { desc: "Largest or latest first", asc: "Smallest or earliest first" } },
	limit: { label: "Show at most" },
	pause: "Pause",
	resume: "Go on",
	paused: "Paused",
	asking: "Asking…",
	counts: (shown: number, matched: number, total: number) =>
		`${formatCount(shown)} shown of ${formatCount(matched)} that match, of ${formatCount(total)} flows`,
	sums: (bytes: number, packets: number) => `${formatSi(bytes, "B")} and ${formatSi(packets, "packets")} in those that match`,
	taken: (time: string) => `Taken at ${time}`,
	none: "There are no flows now.",
	noneStopped: "The processor is stopped, so packets are counted, but in no flow.",
	noneStoppedHelp: "Start the processor, on the left of the line at the top.",
	noneHelp: "No packet has come for as long as the idle timeout. System shows whether ports receive anything.",
	noMatch: (total: number) => `None of ${formatCount(total)} flows passes the filter.`,
	noMatchHelp: "“src” is the sender of a flow's first packet. Try the filter without direction, or clear it.",
	clear: "Clear the filter",
	columns: {
		source: "Source", destination: "Destination", app: "Application", bars: "There and back",
		bytes: "Bytes", packets: "Packets", duration: "Duration", last: "Latest packet",
	},
	bars: (there: string, back: string) => `there ${there}, back ${back}`,
	open: (id: string) => `The whole record of ${id}`,
	seconds: (s: number) => (s < 10 ? `${s.toFixed(3)} s` : `${formatCount(Math.round(s))} s`),

	record: {
		title: "Record",
		gone: "This flow is not among those that are shown any more; this was the last of it.",
		close: "Close",
		only: "Only these ends",
		parts: { fwd: "There", rev: "Back", bidir: "Both" },
		facts: {
			source: "Source", destination: "Destination", proto: "IP protocol", app: "Application",
			vlan: "VLAN", tunnel: "Tunnel", first: "First packet", last: "Latest packet",
			duration: "Duration", worker: "Worker",
		},
		rows: {
			packets: "Packets", bytes: "Bytes", l3_bytes: "Bytes of layer 3", flags: "TCP flags",
			size: "Size, bytes", iat: "Between packets, µs", ttl: "TTL",
		},
		summary: (min: string, mean: string, max: string, std: string) => `${min} / ${mean} / ${max} ± ${std}`,
		summaryHelp: "smallest / mean / largest ± standard deviation",
	},
} as const;
