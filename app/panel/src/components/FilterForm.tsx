// SPDX-License-Identifier: BSD-3-Clause
// A filter that is asked for when it is done, not at each letter.

import { useState } from "preact/hooks";

import { FilterField } from "./FilterField";

interface Props {
	id: string;
	filter: string; // that was asked for
	error: (text: string) => string | undefined; // of what is typed
	choose: (changes: { filter: string }) => void;
}

export function FilterForm({ id, filter, error, choose }: Props) {
	const [text, setText] = useState(filter);
	return (
		<form
			class="field-wide"
			onSubmit={(event) => {
				event.preventDefault();
				choose({ filter: text.trim() });
			}}
		>
			<FilterField id={id} value={text} error={error(text)} onInput={setText} />
		</form>
	);
}
