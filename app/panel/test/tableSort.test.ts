// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from "vitest";

import { nextOrder, orderOf, orderText, sortRows } from "../src/logic/tableSort";

interface Row {
	name: string;
	n: number | null;
}

const columns = [
	{ name: "Name", sort: (row: Row) => row.name },
	{ name: "Count", number: true, sort: (row: Row) => row.n },
	{ name: "Note" },
];
const rows: Row[] = [
	{ name: "10.0.0.10", n: 5 },
	{ name: "10.0.0.9", n: null },
	{ name: "b", n: 70 },
	{ name: "c", n: 5 },
];
const names = (text: string) => sortRows(rows, columns, orderOf(text, columns)).map(({ name }) => name);

describe("the order of a table", () => {
	it("sorts numbers by value, keeps equal rows as they came, and puts the unknown last", () => {
		expect(names("Count")).toEqual(["10.0.0.10", "c", "b", "10.0.0.9"]);
		expect(names("-Count")).toEqual(["b", "10.0.0.10", "c", "10.0.0.9"]);
	});

	it("sorts the numbers in names by value", () => {
		expect(names("Name")).toEqual(["10.0.0.9", "10.0.0.10", "b", "c"]);
	});

	it("leaves rows alone for what it does not know", () => {
		for (const text of ["", "-", "Note", "-Nothing"]) {
			expect(orderOf(text, columns)).toBeNull();
			expect(names(text)).toEqual(rows.map(({ name }) => name));
		}
	});

	it("goes from the natural order to the other and back to none", () => {
		const count = { name: "Count", number: true };
		const first = nextOrder(count, null);
		expect(orderText(first)).toBe("-Count");
		const second = nextOrder(count, first);
		expect(orderText(second)).toBe("Count");
		expect(nextOrder(count, second)).toBeNull();
		expect(orderText(nextOrder({ name: "Name" }, second))).toBe("Name");
	});
});
