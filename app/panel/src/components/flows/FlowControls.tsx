// SPDX-License-Identifier: BSD-3-Clause
// Which flows. Each choice is a part of the address.

import { useState } from "preact/hooks";

import { type FlowChoice, LIMITS, ORDERS, SORTS } from "../../logic/flows";
import { flowTexts as t } from "../../texts/flows";
import { SelectField } from "../Field";
import { FilterField } from "../FilterField";

interface Props {
	choice: FlowChoice;
	filterError: string | undefined;
	choose: (changes: Record<string, string>) => void;
}

// The filter is asked for when it is done, not at each letter.
function Filter({ choice, filterError, choose }: Props) {
	const [text, setText] = useState(choice.filter);
	return (
		<form
			class="field-wide"
			onSubmit={(event) => {
				event.preventDefault();
				choose({ filter: text.trim() });
			}}
		>
			<FilterField
				id="flows-filter"
				value={text}
				error={text.trim() === choice.filter ? filterError : undefined}
				onInput={setText}
			/>
		</form>
	);
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
			<Filter {...props} key={choice.filter} />
		</div>
	);
}
