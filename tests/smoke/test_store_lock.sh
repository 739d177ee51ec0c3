#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# One Weir at a time uses a store: a second one is refused in one line with the id of the first, of which
# nothing is touched, by whatever name the store goes. The lock ends with its process, is no way to
# other files, and belongs to the user of --user.
. "$(dirname "$0")/../lib/weirtest.sh"

# refused WORD ARGUMENTS...: status 2, and one line with WORD
refused() {
	local word=$1
	shift
	(cd "$TMP" && timeout 20 "$WEIR" --no-listen --duration 1 "$@" </dev/null >"$TMP/out" 2>"$TMP/err")
	equal $? 2 "exit status of weir $*: $(tail -1 "$TMP/err")"
	equal "$(wc -l <"$TMP/err")" 1 "lines on stderr of weir $*"
	grep -qF -e "$word" "$TMP/err" || fail "weir $*: no '$word' in: $(cat "$TMP/err")"
	[ ! -s "$TMP/out" ] || fail "weir $*: on stdout: $(head -1 "$TMP/out")"
}

# appears FILE: within 10 s
appears() {
	for _ in $(seq 100); do
		[ -e "$1" ] && return
		sleep 0.1
	done
	fail "$1 does not appear"
}

state_of() {
	stat -c '%i %y' weir.db.config.json && cksum weir.db.audit.jsonl weir.db.config.json
}

chmod 755 "$TMP"
cd "$TMP" || exit 1
mkdir captures other
ln -s . link
ln -s weir.db alias.db
weir_start --demo --store sqlite:weir.db
rpc processor.set '{"k": 7}' >rpc
appears weir.db.config.json
state_of >before
echo '{"store": "sqlite:weir.db"}' >c.json
refused "weir: --store: sqlite:weir.db is in use by process $WEIR_PID;" --demo --store sqlite:weir.db
for name in ./weir.db "$TMP/weir.db" link/weir.db alias.db; do
	refused "sqlite:$name is in use by process $WEIR_PID" --demo --store "sqlite:$name"
done
refused "c.json:1: store: " --demo --config c.json
refused "process $WEIR_PID" --pcap captures --follow --store sqlite:weir.db
echo kept >results
refused "process $WEIR_PID" --demo --store sqlite:weir.db --results results --flows flows
equal "$(cat results)" kept "--results of a start that is refused"
[ ! -e flows ] || fail "--flows of a start that is refused was made"
state_of >after
cmp -s before after || fail "a refused start touched what lies beside the store"
equal "$(rpc processor.get | grep -c '"k": *7')" 1 "the first Weir goes on"

# With the process goes the lock, not the file.
kill -9 "$WEIR_PID"
weir_wait 10
[ -e weir.db.lock ] || fail "no lock file after kill -9"
weir_start --demo --store sqlite:weir.db
grep -q 'did not end in order' stderr || fail "not recovered after kill -9"
equal "$(rpc processor.get | grep -c '"k": *7')" 1 "recovered after kill -9"
weir_stop TERM
[ ! -e weir.db.lock ] || fail "the lock file is there after an orderly end"
[ ! -e weir.db.config.json ] || fail "the state file is there after an orderly end"

# What a crashed run has left asks for another store: that one is locked as well.
echo '{"store": "sqlite:weir.db", "parameters": {"k": 5}}' >c.json
weir_start --demo --config c.json
echo '{"store": "sqlite:other/b.db", "parameters": {"k": 6}}' >c.json
kill -HUP "$WEIR_PID"
appears weir.db.config.json
kill -9 "$WEIR_PID"
weir_wait 10
echo '{"store": "sqlite:weir.db"}' >c.json
touch -d '1 hour ago' c.json
weir_start --pcap captures --follow --flow-capacity 1024 --store sqlite:other/b.db
(timeout 20 "$WEIR" --no-listen --demo --duration 1 --config c.json </dev/null >out 2>err)
equal $? 2 "exit status where the store that was left is in use"
grep -qF "sqlite:other/b.db is in use by process $WEIR_PID" err || fail "not named: $(cat err)"
[ -e weir.db.config.json ] || fail "a refused start took the state file away"
[ ! -e weir.db.lock ] || fail "a refused start left its lock"
weir_stop TERM
rm weir.db.config.json

# The lock is a file of its own, and no way to another one.
for what in link dangling fifo folder; do
	rm -rf weir.db.lock
	case $what in
	link) echo precious >elsewhere; ln -s elsewhere weir.db.lock ;;
	dangling) ln -s nowhere weir.db.lock ;;
	fifo) mkfifo weir.db.lock ;;
	folder) mkdir weir.db.lock ;;
	esac
	refused "weir.db.lock beside it cannot be locked" --demo --store sqlite:weir.db
done
equal "$(cat elsewhere)" precious "what a link in the lock's place names"
[ ! -e nowhere ] || fail "a link in the lock's place was followed"
rmdir weir.db.lock

if [ "$(id -u)" = 0 ]; then
	mkdir store private
	chown nobody store
	chmod 700 private
	weir_start --pcap captures --follow --flow-capacity 1024 --user nobody --store sqlite:store/weir.db
	equal "$(stat -c '%U %a' store/weir.db.lock)" "nobody 600" "owner and mode of the lock"
	refused "process $WEIR_PID" --demo --user nobody --store sqlite:store/weir.db
	refused "process $WEIR_PID" --demo --store sqlite:store/weir.db
	weir_stop TERM
	[ ! -e store/weir.db.lock ] || fail "the user's lock file is there after an orderly end"
	# With the rights of that user, also where its folder leads to others.
	ln -s "$TMP/private" store/way
	refused "Permission denied" --demo --user nobody --store sqlite:store/way/weir.db
	ln -s "$TMP/private/x.db" store/x.db
	refused "Permission denied" --demo --user nobody --store sqlite:store/x.db
	equal "$(ls private)" "" "files in a folder that the user cannot reach"

	# A start that fails, wherever (here for want of threads), leaves the configuration of the crashed run.
	as_nobody() {
		timeout 20 setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups "$@"
	}
	begun=""
	as_nobody test -x "$WEIR" || begun="not tried: $WEIR cannot be run by nobody"
	rm -f store/weir.db*
	for threads in $(seq 1 40); do
		[ -z "$begun" ] || break
		echo '{"parameters": {"k": 7}}' >store/weir.db.config.json
		chown nobody store/weir.db.config.json
		if as_nobody prlimit --nproc="$threads" --core=0 "$WEIR" --demo --no-listen --duration 0.2 \
			--stats-period 1 --store sqlite:store/weir.db </dev/null >out 2>err; then
			begun="with $threads threads"
			[ ! -e store/weir.db.config.json ] || fail "an orderly end left the state file"
		else
			[ -e store/weir.db.config.json ] || fail "a start that failed took the state file away: $(tail -1 err)"
		fi
	done 2>/dev/null
	[ -n "$begun" ] || fail "no start succeeds: $(tail -1 err)"
else
	echo "$NAME: --user not tried: needs root"
fi
passed "${begun:-}"
