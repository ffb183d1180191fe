# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# hand.sh: one end of a handover.  It lies in the migration's directory while
# the move lasts, because CRIU calls it, and runs without pferry being there.
#
#   hand keep D WHAT      run D/WHAT (a CRIU command line), record how it ended
#   hand round D K        one round of a pre-copy: memory so far into I/rK
#   hand unhook D STAGE   take back what the operator's hook did, if it was not
#   hand unlock D         let packets of its connections through again
#   hand release D        let go what a dump left whose CRIU and keeper were killed
#   hand lazy D ORDER     post-copy: see lazy.sh, which is D/lazy then
#   hand hold-source D    CRIU's action script of the dump
#   hand hold-dest D      CRIU's action script of the restore
#
# CRIU executes the small file whose path is in D/act, which reads this one.
#
# D holds:  s.NAME       an empty file: it is in the state NAME
#           blank        an empty file to link to, should a full disk have no
#                        room for another
#           commit abort go   files with that word; the decision is a link to
#                        one of them, D/decision: the first link(2) wins
#           ctl ev snd   fifos that wake the holder, pferry, and the sender
#           lease        uptime of this host when pferry last said it is there
#           lease-s      how many seconds that is good for
#           pid          root of the tree;  tree: "PID START" of all of it
#           tcp          it has established connections
#           hook         the operator's program, told of an address that moves: see run_hook
#           prev         images of the last round, below I
#           compares     a round is made by comparing (ahead.pl, D/ahead), not by CRIU
#           rounding     "PID START" of a round's keeper
#
# At the source (CRIU's post-dump): the tree is frozen and its images are
# complete.  Exit 0 makes CRIU kill the tree, exit 1 makes it go on unharmed.
# At the destination (post-restore): the tree exists and has not run.  Exit 0
# starts it, exit 1 makes CRIU kill it.
# A holder that lost its CRIU must not act on a decision made for a held tree:
# at the source the tree runs on already, so a commit is revoked; at the
# destination the tree would never run, so it is killed.
umask 077
verb=$1
D=$2

# state NAME [WORD]: record and tell.  False when it could not be recorded.
# The shell makes the file by itself: each process started here lengthens the pause.
state() {
	{ true >"$D/s.$1"; } 2>/dev/null || ln "$D/blank" "$D/s.$1" 2>/dev/null
	echo "state $*" 1<>"$D/ev"
	[ -e "$D/s.$1" ]
}

. parts/tree.sh

# kill_tree: from within hold_dest, which is in the tree's pid namespace if it has one.
kill_tree() {
	if [ -e "$D/pidns" ] && read -r kind <"$D/pidns" && [ "$kind" = new ]; then
		kill -KILL -1
	else
		signal_tree KILL
	fi
}

# decide WORD: the first decision stands.
decide() {
	ln "$D/$1" "$D/decision" 2>/dev/null
	echo "$1" 1<>"$D/ctl"
}

# held_by CRIU: this script's parent is still that CRIU.
held_by() {
	start_of "$me" && [ "$parent" = "$1" ]
}

lease_over() {
	read -r now _ </proc/uptime
	read -r last <"$D/lease"
	read -r good <"$D/lease-s"
	[ $((${now%.*} - ${last%.*})) -gt "$good" ]
}

# lapse: the source decides by itself to let go. The state comes first: the holder ends its
# watcher when it sees the decision. Should pferry have decided before, it means nothing.
lapse() {
	state lapsed
	decide abort
}

# A sleep that a signal to the watcher ends, so that nothing of it stays.
nap_a_second() {
	sleep 1 &
	nap=$!
	wait "$nap"
}

# Images on a disk must outlive a crash from the decision on; on tmpfs they
# would not, and the other end has its own.
settle_images() {
	read -r I <"$D/images"
	case $I in
	"$D"/*) sync "$I"/* "$I" ;;
	esac
} 2>/dev/null

. parts/net.sh

# ---- an address that moves with it ----
# The operator's hook is a shell script, called with what happens:
#   leave     at the source, held and its connections locked: give the address up
#   arrive    at the destination, before the restore: take it
#   announce  at the destination, which runs: tell the network
#   drop      at the destination, which will not run: give it up again
#   return    at the source, which runs on: take it back
# leave and arrive may fail, and the move with them.  What it says then goes into
# CRIU's log, where the reason is looked for.
run_hook() {
	[ -s "$D/hook" ] || return 0
	PFERRY_ADDRESSES=$(cat "$D/addresses" 2>/dev/null)
	read -r PFERRY_PID <"$D/pid"
	PFERRY_ID=${D##*/}
	export PFERRY_ADDRESSES PFERRY_PID PFERRY_ID
	if command -v timeout >/dev/null 2>&1; then
		said=$(timeout 20 sh "$D/hook" "$1" 2>&1 </dev/null)
	else
		said=$(sh "$D/hook" "$1" 2>&1 </dev/null)
	fi
	rc_hook=$?
	case $1 in
	leave | arrive) ln "$D/blank" "$D/hooked" 2>/dev/null ;;
	*) rm -f "$D/hooked" ;;
	esac
	[ "$rc_hook" -eq 0 ] && return
	printf 'Error (hook): %s: %s\n' "$1" "$(printf '%s' "$said" | tr '\n' ' ')" >>"$D/hook.log"
	return 1
}

# unhook STAGE: take back what leave or arrive did.
unhook() {
	[ ! -e "$D/hooked" ] || run_hook "$1"
}

# Wait for the decision; leaves it in $verdict.
await_decision() {
	until [ -e "$D/decision" ]; do
		read -r _ <&4
	done
	read -r verdict <"$D/decision"
}

# As soon as nothing of it can run again: CRIU takes longer to end, by the memory it had.
tell_gone() {
	n=0
	while tree_runs && [ "$n" -lt 2000 ]; do
		sleep 0.002
		n=$((n + 1))
	done
	tree_runs || state gone
}

hold_source() {
	case $CRTOOLS_SCRIPT_ACTION in
	post-dump) ;;
	post-resume)
		# Its images were restored here, where it was.
		state returned "$CRTOOLS_INIT_PID"
		exit 0
		;;
	*) exit 0 ;;
	esac
	[ ! -e "$D/mending" ] || exit 1
	# Not by $$ and $PPID: in a pid namespace they are not what /proc has.
	start_of self
	me=$self_pid
	criu=$parent
	exec 4<>"$D/ctl"
	read -r root <"$D/pid"
	if [ -e "$D/tcp" ]; then
		list_tree "$root" >"$D/tree"
		signal_tree STOP
		carry_lock
	fi
	run_hook leave || exit 1
	[ ! -e "$D/lazy" ] || lazy_hold_source
	state held
	echo held 1<>"$D/snd"
	list_tree "$root" >"$D/tree"
	(
		trap 'kill "$nap"; exit' TERM
		while nap_a_second; do
			if lease_over; then
				lapse
				exit
			elif ! held_by "$criu"; then
				decide abort
				exit
			fi
		done
	) >/dev/null 2>&1 </dev/null &
	watcher=$!
	settle_images
	await_decision
	kill "$watcher" 2>/dev/null
	if [ "$verdict" = commit ] && [ -s "$D/tree" ]; then
		# Queued, not delivered, while CRIU holds: should CRIU die from
		# here on, the tree stops instead of running.
		[ -e "$D/leave-stopped" ] || signal_tree STOP
		if held_by "$criu" && state committed; then
			[ -e "$D/leave-stopped" ] || tell_gone </dev/null >/dev/null 2>&1 &
			exit 0
		fi
		[ -e "$D/tcp" ] || signal_tree CONT
		state revoked
		exit 1
	fi
	# The abort must outlive a crash of this host: after it the tree runs.
	sync "$D" 2>/dev/null
	state aborting
	exit 1
}

hold_dest() {
	case $CRTOOLS_SCRIPT_ACTION in
	post-restore) ;;
	post-resume)
		state running "$CRTOOLS_INIT_PID"
		(unhook announce) </dev/null >/dev/null 2>&1 &
		# CRIU stays with a shell job as its parent: nobody need wait for it.
		[ -e "$D/session" ] && read -r session <"$D/session" && tmux wait-for -S "$session"
		exit 0
		;;
	*) exit 0 ;;
	esac
	# Not by $$ and $PPID: in a pid namespace they are not what /proc has.
	start_of self
	me=$self_pid
	criu=$parent
	exec 4<>"$D/ctl"
	echo "$CRTOOLS_INIT_PID" >"$D/pid"
	list_tree "$CRTOOLS_INIT_PID" >"$D/tree"
	settle_images
	if [ -e "$D/s.lazy" ] || [ -e "$D/fills" ]; then
		lazy_guard || exit 1
	fi
	state held "$CRTOOLS_INIT_PID"
	(
		trap 'kill "$nap"; exit' TERM
		while nap_a_second; do
			if ! held_by "$criu"; then
				kill_tree
				echo lost 1<>"$D/ctl"
				state lost
				kill $$
				exit
			fi
		done
	) >/dev/null 2>&1 </dev/null &
	watcher=$!
	await_decision
	kill "$watcher" 2>/dev/null
	if ! held_by "$criu"; then
		kill_tree
		state lost
		exit 1
	fi
	[ "$verdict" = go ] && state went && exit 0
	exit 1
}

# Note CRIU's children while it restores, "PID START" in D/kids: one of them is
# the root of the tree. Should CRIU die half way they are nobody's children.
watch_children() {
	seen=' '
	while [ -e "/proc/$criu/task" ]; do
		kids='' # the file has no newline, so read(1) says nothing of use
		read -r kids <"/proc/$criu/task/$criu/children"
		for kid in $kids; do
			case $seen in
			*" $kid "*) ;;
			*) start_of "$kid" && echo "$kid $start" >>"$D/kids" && seen="$seen$kid " ;;
			esac
		done
		sleep 0.01
	done
} 2>/dev/null

# What a CRIU that died in the middle of a restore has made so far must never
# run: those seen as its children, whoever has the root's pid and is younger
# than that CRIU, all below them, and whoever still has CRIU's environment.
# More than once: what is half made may be forking just now.
kill_half_made() {
	[ -e "$D/tree" ] && signal_tree KILL
	[ "$rc" -gt 128 ] || return 0
	read -r _ born <"$D/criu"
	read -r root <"$D/pid"
	for _ in 1 2 3 4 5 6; do
		while read -r kid was; do
			start_of "$kid" && [ "$start" = "$was" ] && list_tree "$kid"
		done <"$D/kids" >"$D/half"
		[ ! -e "$D/pidns" ] && start_of "$root" && [ "$start" -ge "$born" ] && list_tree "$root" >>"$D/half"
		while read -r pid was; do
			start_of "$pid" && [ "$start" = "$was" ] && kill -KILL "$pid"
		done <"$D/half"
		grep -l "ACT=$D/" /proc/[0-9]*/environ | while read -r environ; do
			pid=${environ#/proc/}
			kill -KILL "${pid%/environ}"
		done
		sleep 0.05
	done
} 2>/dev/null

# ---- a pid namespace for it ----
# Where its pid is taken, it is restored in a pid namespace, as CRIU's external
# one "pferry" on descriptor 9; D/pidns says "new", or "host" for that of this host.

# enter_pidns: open it; a new one gets an init that reaps, and ends after the last.
enter_pidns() {
	read -r kind <"$D/pidns"
	if [ "$kind" != new ]; then
		exec 9</proc/self/ns/pid
		return
	fi
	# shellcheck disable=SC2016 # the init's own
	(setsid unshare --pid --fork sh -c 'while [ -d "$1" ] && [ ! -e "$1/s.running" ] && [ ! -e "$1/s.returned" ]; do sleep 0.5; done
		while kill -0 -1; do sleep 1; done' pferry-init "$D" </dev/null >/dev/null 2>&1 & echo $! >"$D/ns")
	read -r ns <"$D/ns"
	init=
	n=0
	while [ -z "$init" ] && [ "$n" -lt 100 ]; do
		read -r init <"/proc/$ns/task/$ns/children"
		n=$((n + 1))
		[ -n "$init" ] || sleep 0.02
	done
	exec 9<"/proc/$ns/ns/pid_for_children"
} 2>/dev/null

# run_criu WHAT: start the CRIU command line in D/WHAT, its pid in $criu.
run_criu() {
	read -r ACT <"$D/act"
	PREV=
	AHEAD=
	JOIN=
	FILLS=
	[ ! -e "$D/s.joined" ] || JOIN="perl $D/join with $D"
	[ ! -e "$D/fills" ] || FILLS=--lazy-pages
	if [ -e "$D/mending" ] || [ ! -e "$D/prev" ]; then
		true
	elif [ -e "$D/compares" ]; then
		AHEAD="perl $D/ahead serve $D"
	elif read -r prev <"$D/prev"; then
		PREV="--track-mem --prev-images-dir ${ROUND:+../}$prev"
	fi
	# Only CRIU may have it in its environment: kill_half_made goes by that.
	(
		[ "$1" != restore ] || [ ! -e "$D/pidns" ] || enter_pidns
		export ACT PREV AHEAD ROUND JOIN FILLS
		exec sh -c '. "$1"' criu "$D/$1"
	) &
	criu=$!
	start_of "$criu" && echo "$criu $start" >"$D/criu"
}

# round K: the process runs on; what it writes to from now on is tracked, or will
# be found by comparing.
round() {
	ROUND=$1
	read -r I <"$D/images"
	start_of $$ && echo "$$ $start" >"$D/rounding"
	rm -rf "$I/r$ROUND"
	mkdir "$I/r$ROUND"
	bytes=0
	if [ -e "$D/compares" ]; then
		read -r root <"$D/pid"
		list_tree "$root" >"$D/ahead-tree"
		bytes=$(nice perl "$D/ahead" round "$D" "$ROUND" 2>>"$D/ahead.log")
		rc=$?
	else
		run_criu predump
		wait "$criu"
		rc=$?
		for pages in "$I/r$ROUND"/pages-*.img; do
			[ -e "$pages" ] && bytes=$((bytes + $(stat -c %s "$pages")))
		done
	fi
	if [ "$rc" -eq 0 ]; then
		echo "r$ROUND" >"$D/prev"
	else
		rm -rf "$I/r$ROUND"
	fi
	echo "${bytes:-0} $rc" >"$D/round-$ROUND"
	rm -f "$D/rounding"
	echo "state round $ROUND ${bytes:-0} $rc" 1<>"$D/ev"
}

# Run it to its end: $rc.
run_criu_watched() {
	run_criu "$1"
	watcher=
	if [ "$1" = restore ]; then
		true >"$D/kids"
		watch_children >/dev/null &
		watcher=$!
	fi
	wait "$criu"
	rc=$?
	[ -z "$watcher" ] || kill "$watcher" 2>/dev/null
}

# keep WHAT: run CRIU and record how it ended.
keep() {
	start_of $$ && echo "$$ $start" >"$D/keeper"
	read -r I <"$D/images"
	if [ "$1" = restore ] && [ -s "$I/lock.nft" ]; then
		nft -f "$I/lock.nft" >/dev/null 2>&1
	fi
	if [ "$1" = restore ]; then
		read -r role <"$D/role"
		if [ "$role" = source ]; then
			unhook return
		elif ! run_hook arrive; then
			cat "$D/hook.log" >>"$D/criu.log"
			unhook drop
			[ ! -e "$D/tcp" ] || unlock_net
			state exit-1
			return
		fi
	fi
	if [ "$1" = restore ]; then
		if [ -e "$D/s.lazy" ] || [ -e "$D/fills" ]; then
			lazy_start_feed
		fi
	elif [ -e "$D/lazy" ]; then
		raise_pipes
		lazy_serving &
	fi
	run_criu_watched "$1"
	if [ "$1" = restore ] && [ -e "$D/fills" ] && ! fill_over; then
		run_criu_watched restore
		# None is told that it has all of its memory but whoever runs.
		[ "$rc" -ne 0 ] || state filled
	fi
	echo over 1<>"$D/snd"
	if [ -e "$D/s.lazy" ] && [ "$1" = restore ]; then
		lazy_dest_over
		return
	fi
	[ ! -e "$D/lazy" ] || lazy_dump_over
	if [ -e "$D/lazy" ] && [ -e "$D/s.held" ]; then
		lazy_source_over
		return
	fi
	if [ "$1" = dump ] && [ "$rc" -eq 0 ] && [ -e "$D/s.committed" ]; then
		if [ -e "$D/leave-stopped" ]; then
			state "exit-$rc"
			state gone
			return
		fi
		while tree_runs; do
			sleep 0.003
		done
		[ -e "$D/s.gone" ] || state gone
	elif [ "$1" = dump ]; then
		cat "$D/hook.log" "$D/ahead.log" 2>/dev/null >>"$D/criu.log"
		unhook return
		[ ! -e "$D/tcp" ] || release "$rc"
	elif [ "$1" = restore ] && [ "$rc" -ne 0 ] && [ ! -e "$D/s.running" ] && [ ! -e "$D/s.returned" ]; then
		kill_half_made
		unhook drop
		[ ! -e "$D/tcp" ] || unlock_net
	fi
	state "exit-$rc"
}

# shellcheck source=/dev/null
[ ! -e "$D/lazy" ] || . "$D/lazy"
case $verb in
lazy) lazy_order "$3" ;;
keep) keep "$3" ;;
round) round "$3" ;;
release) release 137 ;;
unlock) unlock_net ;;
unhook) unhook "$3" ;;
hold-source) hold_source ;;
hold-dest) hold_dest ;;
esac
