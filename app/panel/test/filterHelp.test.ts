// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { complete, suggest } from "../src/logic/filterHelp";
import { queryTexts } from "../src/texts/queries";

const words = (text: string) => suggest(text, queryTexts.filter.words).map(([word]) => word);

describe("suggestions", () => {
	it("begin with conditions", () => {
		expect(words("")).toContain("host");
		expect(words("")).not.toContain("and");
	});

	it("finish what was begun, over several words", () => {
		expect(words("dst p")).toEqual(["dst port"]);
		expect(words("tcp and so")).toEqual([]);
		expect(words("tcp and src h")).toEqual(["src host"]);
	});

	it("connect whole conditions", () => {
		expect(words("port 80 ")).toEqual(["and", "or"]);
		expect(words("port 80 a")).toEqual(["and"]);
		expect(words("port 80 or ")).toContain("port");
		expect(words("not ")).toContain("tcp");
	});

	it("leave values alone", () => {
		expect(words("host 10.")).toEqual([]);
		expect(words("dst port 8")).toEqual([]);
	});

	it("replace the unfinished words only", () => {
		expect(complete("dst p", "dst port")).toBe("dst port ");
		expect(complete("tcp and s", "src net")).toBe("tcp and src net ");
		expect(complete("port 80 ", "or")).toBe("port 80 or ");
	});
});
