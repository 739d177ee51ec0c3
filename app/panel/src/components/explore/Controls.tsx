// SPDX-License-Identifier: BSD-3-Clause
// What to explore. Each choice is a part of the address.

import { type Choice, HISTORY_RANGES, NOW_RANGES } from "../../logic/explore";
import { DISTINCT, KEYS, METRICS, SCOPES } from "../../logic/queryDraft";
import type { Query } from "../../rpc/types";
import { texts } from "../../texts";
import { exploreTexts as t } from "../../texts/explore";
import { queryTexts } from "../../texts/queries";
import { SelectField } from "../Field";
import { FilterForm } from "../FilterForm";

const { fields, options, metrics } = queryTexts;
const KEY_OPTIONS = KEYS.map((key) => [key, texts.keyColumn(key)] as const);
const METRIC_OPTIONS = [...METRICS, ...DISTINCT].map((name) => [name, metrics[name]] as const);
const SCOPE_OPTIONS = SCOPES.map((scope) => [scope, options[scope]] as const);
const SOURCE_OPTIONS = [
	["now", t.source.now],
	["history", t.source.history],
] as const;
const DAY_S = 86400;

interface Props {
	choice: Choice;
	queries: readonly Query[];
	error: Partial<Record<string, string>>; // by field
	choose: (changes: Record<string, string>) => void;
}

function rangeText(seconds: number): string {
	return seconds >= DAY_S ? t.days(seconds / DAY_S) : t.seconds(seconds);
}

export function Controls(props: Props) {
	const { choice, queries, error, choose } = props;
	const select = (field: string, value: string) => ({
		id: `explore-${field}`,
		value,
		error: error[field],
		onInput: (text: string) => choose({ [field]: text }),
	});
	const ranges = choice.source === "now" ? NOW_RANGES : HISTORY_RANGES;
	return (
		<div class="fields fields-many">
			<SelectField {...select("source", choice.source)} label={t.source.label} options={SOURCE_OPTIONS} />
			<SelectField
				{...select("range", String(choice.rangeS))}
				label={t.range.label}
				options={ranges.map((s) => [String(s), rangeText(s)] as const)}
			/>
			{choice.source === "history" ? (
				<SelectField
					{...select("query", choice.query)}
					label={t.query}
					options={queries.map(({ name }) => [name, name] as const)}
				/>
			) : (
				<>
					<SelectField {...select("key", choice.key)} label={fields.key.label} options={KEY_OPTIONS} />
					<SelectField {...select("metric", choice.metric)} label={fields.metric.label} options={METRIC_OPTIONS} />
					<SelectField {...select("scope", choice.scope)} label={fields.scope.label} options={SCOPE_OPTIONS} />
					<FilterForm
				key={choice.filter}
				id="explore-filter"
				filter={choice.filter}
				error={() => error.filter}
				choose={choose}
			/>
				</>
			)}
		</div>
	);
}
