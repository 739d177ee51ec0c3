# SPDX-License-Identifier: BSD-3-Clause
# bash completion of weirctl: the words of its commands, and names that the Weir in question knows. Both
# come from `weirctl --complete`, which reads them from the table of commands and from Weir.
_weirctl() {
	local line="${COMP_LINE:0:COMP_POINT}" word current at=1 typed reply
	local -a words options=()

	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=("")
	current="${words[-1]}"
	COMPREPLY=()
	# Options and what they take; the first other word begins the command.
	while ((at < ${#words[@]} - 1)); do
		word="${words[at]}"
		case "$word" in
		-s | --server | --token | --ca | -n | --count)
			options+=("$word" "${words[at + 1]}")
			((at += 2))
			((at < ${#words[@]})) || return  # the value itself is being typed
			;;
		-*)
			options+=("$word")
			((at += 1))
			;;
		*) break ;;
		esac
	done
	typed="${words[*]:at}"
	while IFS=$'\t' read -r reply _; do
		COMPREPLY+=("$reply")
	done < <("${words[0]}" "${options[@]}" --complete "$typed" 2>/dev/null)
	# bash takes what stands before a colon for another word.
	if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
		COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
	fi
}
complete -F _weirctl weirctl
