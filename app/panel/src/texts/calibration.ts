// SPDX-License-Identifier: BSD-3-Clause
// What the calibration says.

import { formatCount } from "../logic/format";

export const calibrationTexts = {
	title: "Calibration",
	note: "Sends the profile in effect through the whole pipeline, and compares every result of the six built-in queries with what was truly sent. Afterwards the generator sends what it sent before.",
	seconds: { label: "Send for", unit: "s", hint: "At least the window T, up to 3600." },
	start: "Calibrate",
	states: {
		settling: "Waiting for a second without packets",
		running: "Sending",
		draining: "Waiting for the last results",
	} as Record<string, string>,
	failed: (why: string) => `Failed: ${why}`,
	exact: "Exact: every result is the true answer.",
	different: "There are differences.",
	packets: {
		sent: "Sent",
		received: "Received",
		dropped: "Dropped",
		late: "Late",
		unreceived: "Unreceived",
		foreign: "Foreign",
	},
	queries: "Results against the true answers",
	columns: {
		query: "Query",
		windows: "Windows",
		missing: "Missing",
		precision: "Precision",
		recall: "Recall",
		count: "Count error",
		ranks: "Rank errors",
	},
	events: "Events of the profile",
	eventColumns: {
		event: "Event",
		key: "Key",
		at: "At",
		row: "First row",
		slides: "Slides",
		delay: "After",
		alert: "First alert",
		alertDelay: "After",
	},
	none: "none",
	before: "had one before",
	bytes: (n: number) => `${formatCount(n)} bytes`,
};
