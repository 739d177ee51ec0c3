// SPDX-License-Identifier: BSD-3-Clause
// The fields of the generator's profile; those that the chosen types do not have are left out.

import type { Draft, DraftErrors, DraftField } from "../logic/profile";
import { texts } from "../texts";
import { AreaField, Field, SelectField } from "./Field";

interface Props {
	draft: Draft;
	errors: DraftErrors;
	edit: (field: DraftField, text: string) => void;
}

const { fields, options } = texts.generator;

const POPULARITIES = [
	["uniform", options.uniform],
	["zipf", options.zipf],
] as const;
const SIZES = [
	["imix", options.imix],
	["uniform", options.uniform],
	["fixed", options.fixed],
] as const;
const SOURCES = [
	["list", options.list],
	["net", options.net],
] as const;

export function GeneratorFields({ draft, errors, edit }: Props) {
	const common = (field: DraftField) => ({
		id: `generator-${field}`,
		...fields[field],
		value: draft[field],
		error: errors[field],
		onInput: (text: string) => edit(field, text),
	});
	return (
		<div class="fields">
			<Field {...common("rate_pps")} />
			<Field numeric {...common("flows")} />
			<SelectField {...common("popularity")} options={POPULARITIES} />
			{draft.popularity === "zipf" && <Field numeric {...common("popularity_s")} />}
			<div class="field-break" />
			<SelectField {...common("size")} options={SIZES} />
			{draft.size === "fixed" && <Field numeric unit="B" {...common("size_bytes")} />}
			{draft.size === "uniform" && (
				<>
					<div class="field-break" />
					<Field numeric unit="B" {...common("size_min")} />
					<Field numeric unit="B" {...common("size_max")} />
				</>
			)}
			<div class="field-break" />
			<SelectField {...common("source")} options={SOURCES} />
			{draft.source === "net" ? (
				<>
					<div class="field-break" />
					<Field {...common("net")} />
					<Field numeric {...common("count")} />
				</>
			) : (
				<AreaField rows={5} {...common("addresses")} />
			)}
			<AreaField rows={5} {...common("protocols")} />
			<AreaField rows={3} {...common("events")} />
		</div>
	);
}
