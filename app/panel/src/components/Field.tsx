// SPDX-License-Identifier: BSD-3-Clause
// One labelled input with its unit, hint and error, tied together for screen readers.

interface Common {
	id: string;
	label: string;
	hint?: string;
	error?: string | undefined;
	value: string;
	onInput: (value: string) => void;
}

interface FieldProps extends Common {
	unit?: string;
	numeric?: boolean;
}

function described({ id, hint, error }: Pick<Common, "id" | "hint" | "error">) {
	return [error ? `${id}-error` : "", hint ? `${id}-hint` : ""].filter(Boolean).join(" ") || undefined;
}

function Notes({ id, hint, error }: Pick<Common, "id" | "hint" | "error">) {
	return (
		<>
			{error && (
				<span class="error" id={`${id}-error`} role="alert">
					{error}
				</span>
			)}
			{hint && (
				<span class="hint" id={`${id}-hint`}>
					{hint}
				</span>
			)}
		</>
	);
}

export function Field(props: FieldProps) {
	const { id, label, unit, error, value, numeric, onInput } = props;
	return (
		<div class={`field ${error ? "field-bad" : ""}`}>
			<label for={id}>{label}</label>
			<span class="input">
				<input
					id={id}
					type="text"
					inputMode={numeric ? "decimal" : undefined}
					autocomplete="off"
					spellcheck={false}
					value={value}
					aria-invalid={error ? "true" : undefined}
					aria-describedby={described(props)}
					onInput={(event) => onInput(event.currentTarget.value)}
				/>
				{unit && (
					<span class="unit" aria-hidden="true">
						{unit}
					</span>
				)}
			</span>
			<Notes {...props} />
		</div>
	);
}

export function AreaField(props: Common & { rows: number }) {
	const { id, label, error, value, rows, onInput } = props;
	return (
		<div class={`field field-wide ${error ? "field-bad" : ""}`}>
			<label for={id}>{label}</label>
			<textarea
				id={id}
				rows={rows}
				spellcheck={false}
				value={value}
				aria-invalid={error ? "true" : undefined}
				aria-describedby={described(props)}
				onInput={(event) => onInput(event.currentTarget.value)}
			/>
			<Notes {...props} />
		</div>
	);
}

export function SelectField(props: Common & { options: readonly (readonly [string, string])[] }) {
	const { id, label, error, value, options, onInput } = props;
	// A server of another version may have a choice that this panel does not know.
	const known = options.some(([name]) => name === value);
	return (
		<div class={`field ${error ? "field-bad" : ""}`}>
			<label for={id}>{label}</label>
			<select
				id={id}
				value={value}
				aria-invalid={error ? "true" : undefined}
				aria-describedby={described(props)}
				onChange={(event) => onInput(event.currentTarget.value)}
			>
				{!known && <option value={value}>{value}</option>}
				{options.map(([name, text]) => (
					<option key={name} value={name}>
						{text}
					</option>
				))}
			</select>
			<Notes {...props} />
		</div>
	);
}
