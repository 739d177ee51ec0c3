// SPDX-License-Identifier: BSD-3-Clause
// The fields of a query; those that its key and operator do not have are left out.

import {
	DISTINCT,
	KEYS,
	METRICS,
	OPS,
	type QueryDraft,
	type QueryErrors,
	type QueryField,
	SCOPES,
} from "../logic/queryDraft";
import { texts } from "../texts";
import { queryTexts } from "../texts/queries";
import { Field, SelectField } from "./Field";
import { FilterField } from "./FilterField";

const { fields, options, metrics } = queryTexts;

const KEY_OPTIONS = KEYS.map((key) => [key, texts.keyColumn(key)] as const);
const METRIC_OPTIONS = [...METRICS, ...DISTINCT].map((name) => [name, metrics[name]] as const);
const SCOPE_OPTIONS = SCOPES.map((scope) => [scope, options[scope]] as const);
const OP_OPTIONS = OPS.map((op) => [op, options[op]] as const);
const METHOD_OPTIONS = [
	["sigma", options.sigma],
	["mad", options.mad],
] as const;

interface Props {
	id: string; // what the ids of the inputs begin with
	draft: QueryDraft;
	errors: QueryErrors;
	named: boolean; // the name can be given
	edit: (field: QueryField, text: string) => void;
}

export function QueryFields({ id, draft, errors, named, edit }: Props) {
	const common = (field: QueryField) => ({
		id: `${id}-${field}`,
		...fields[field],
		value: draft[field],
		error: errors[field],
		onInput: (text: string) => edit(field, text),
	});
	return (
		<div class="fields fields-many">
			{named && <Field {...common("name")} />}
			<SelectField {...common("key")} options={KEY_OPTIONS} />
			{draft.key === "subnet" && (
				<>
					<Field numeric {...common("prefix4")} />
					<Field numeric {...common("prefix6")} />
				</>
			)}
			<SelectField {...common("metric")} options={METRIC_OPTIONS} />
			<SelectField {...common("scope")} options={SCOPE_OPTIONS} />
			<SelectField {...common("op")} options={OP_OPTIONS} />
			{draft.op === "topk" && <Field numeric {...common("k")} />}
			{draft.op === "share" && <Field numeric unit="%" {...common("percent")} />}
			{draft.op === "outlier" && (
				<>
					<Field numeric {...common("x")} />
					<SelectField {...common("method")} options={METHOD_OPTIONS} />
				</>
			)}
			{draft.op === "limit" && (
				<>
					<Field numeric {...common("min")} />
					<Field numeric {...common("max")} />
					<Field numeric {...common("clear_after")} />
				</>
			)}
			<Field numeric unit="s" {...common("window_s")} />
			<Field numeric unit="s" {...common("slide_s")} />
			<FilterField
				id={`${id}-filter`}
				value={draft.filter}
				error={errors.filter}
				onInput={(text) => edit("filter", text)}
			/>
		</div>
	);
}
