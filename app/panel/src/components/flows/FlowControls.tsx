// SPDX-License-Identifier: BSD-3-Clause
// Which flows. Each choice is a part of the address.

import { type FlowChoice, LIMITS, ORDERS, SORTS } from "../../logic/flows";
import { flowTexts as t } from "../../texts/flows";
import { SelectField } from "../Field";
import { FilterForm } from "../FilterForm";

interface Props {
	choice: FlowChoice;
	filterError: string | undefined;
	choose: (changes: Record<string, string>) => void;
}

export function FlowControls(props: Props) {
	const { choice, choose } = props;
	const select = (field: "sort" | "order" | "limit") => ({
		id: `flows-${field}`,
		value: String(choice[field]),
		label: t[field].label,
		onInput: (value: string) => choose({ [field]: value }),
	});
	return (
		<div class="fields fields-many">
			<SelectField {...select("sort")} options={SORTS.map((name) => [name, t.sort.options[name]] as const)} />
			<SelectField {...select("order")} options={ORDERS.map((name) => [name, t.order.options[name]] as const)} />
			<SelectField {...select("limit")} options={LIMITS.map((n) => [String(n), String(n)] as const)} />
			<FilterForm
				key={choice.filter}
				id="flows-filter"
				filter={choice.filter}
				error={(text) => (text.trim() === choice.filter ? props.filterError : undefined)}
				choose={choose}
			/>
		</div>
	);
}
