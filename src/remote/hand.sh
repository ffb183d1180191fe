# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # JOIN, PREV and the like are for the command lines in D
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
#   hand tty D            in a terminal of tmux's: run D/restore there
#   hand orphaned D       nobody is left who would see to what CRIU left
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
#           start        when the root was started: its pid may be another's by now
#           print        the fingerprint goes along with the images, into a file
#           expect nodes differs   see compare.sh
#           tcp          it has established connections
#           hook         the operator's program, told of an address that moves: see run_hook
#           stopped      some of it was stopped before it was moved
#           holder       "PID START" of the shell that holds
#           path         where programs are looked for
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
# CRIU and the keepers call this as whoever made D; nobody else's is believed.
if [ ! -O "$D" ] || [ -L "$D" ]; then
	exit 1
fi
late=

. parts/criu.sh
. parts/note.sh

. parts/state.sh

# tell LINE: to pferry, by the shell that serves it, should there be one.
tell() {
	printf '%s\n' "$1" 1<>"$D/ev"
}

. parts/tree.sh
. parts/frozen.sh

# is_root: $root is still the process that was to be moved.
is_root() {
	was=0
	[ ! -e "$D/start" ] || read -r was <"$D/start"
	[ "$was" = 0 ] || { start_of "$root" && [ "$start" = "$was" ]; } || {
		state replaced
		return 1
	}
}

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
	choose "$1" decision
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
. parts/words.sh
. parts/fingerprint.sh
. parts/compare.sh

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

# Whoever looks wakes the holder, should it have been stopped.
note_holder() {
	start_of "$me" && echo "$me $start" >"$D/holder"
} 2>/dev/null

# Wait for the decision; leaves it in $verdict.
await_decision() {
	until [ -e "$D/decision" ]; do
		read -r _ <&4
	done
	read -r verdict <"$D/decision"
}

# As soon as nothing of it can run again: CRIU takes longer to end, by the memory it had.
# A CRIU that does not kill it, though told to, is not waited for.
tell_gone() {
	n=0
	while tree_runs && [ "$n" -lt 2000 ]; do
		sleep 0.002
		n=$((n + 1))
	done
	[ "$n" -lt 2000 ] || end_tree
	tree_runs || state gone
}

hold_source() {
	case $CRTOOLS_SCRIPT_ACTION in
	post-dump) ;;
	post-restore) hold_returned ;;
	post-resume)
		# Its images were restored here, where it was; if that was asked for.
		[ -e "$D/s.returning" ] || exit 1
		state returned "$CRTOOLS_INIT_PID"
		exit 0
		;;
	*) exit 0 ;;
	esac
	[ ! -e "$D/mending" ] || exit 1
	# A CRIU that asks twice is told the same.
	if [ -e "$D/s.held" ]; then
		[ -e "$D/s.committed" ]
		exit
	fi
	# Not by $$ and $PPID: in a pid namespace they are not what /proc has.
	start_of self
	me=$self_pid
	criu=$parent
	exec 4<>"$D/ctl"
	note_holder
	read -r root <"$D/pid"
	is_root || exit 1
	if [ -e "$D/print" ]; then
		read -r I <"$D/images"
		list_tree "$root" >"$D/tree"
		fingerprint "$D/tree" threads >"$I/fingerprint.img"
	fi
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
		signal_tree STOP
		if held_by "$criu" && state committed; then
			[ -e "$D/leave-stopped" ] || tell_gone </dev/null >/dev/null 2>&1 &
			exit 0
		fi
		[ -e "$D/tcp" ] || resume_tree
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
		# Nobody said go: it must not run here.
		if [ ! -e "$D/s.went" ]; then
			list_tree "$CRTOOLS_INIT_PID" >"$D/tree"
			end_tree
			exit 1
		fi
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
	if [ -e "$D/s.held" ]; then
		[ -e "$D/s.went" ]
		exit
	fi
	exec 4<>"$D/ctl"
	note_holder
	echo "$CRTOOLS_INIT_PID" >"$D/pid"
	list_tree "$CRTOOLS_INIT_PID" >"$D/tree"
	settle_images
	if [ -e "$D/s.lazy" ] || [ -e "$D/fills" ]; then
		lazy_guard || exit 1
	fi
	forget_comparison
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
	await_go
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

# kids_live: some child of that CRIU, which failed, is still there.
kids_live() {
	while read -r kid was; do
		is_there "$kid" "$was" && return
	done <"$D/kids"
	return 1
} 2>/dev/null

# What a CRIU that died in the middle of a restore has made so far must never
# run: those seen as its children, whoever has the root's pid and is younger
# than that CRIU (unless it is $late: then that may be another), all below them, and whoever still has CRIU's environment.
# More than once: what is half made may be forking just now.
kill_half_made() {
	[ -e "$D/tree" ] && signal_tree KILL
	[ "$rc" -gt 128 ] || kids_live || return 0
	read -r _ born <"$D/criu"
	read -r root <"$D/pid"
	for _ in 1 2 3 4 5 6; do
		# shellcheck disable=SC2046 # words
		end_these $(while read -r kid was; do
			start_of "$kid" && [ "$start" = "$was" ] && list_tree "$kid"
		done <"$D/kids"
		[ -z "$late" ] && [ ! -e "$D/pidns" ] && start_of "$root" && [ "$start" -ge "$born" ] && list_tree "$root")
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

# A shell job lives in the terminal that CRIU is run from: a new tmux session, which
# ends with it.  tmux itself returns at once, so whoever waits for CRIU waits until
# that session's command is over.
in_terminal() {
	read -r session <"$D/session"
	rm -f "$D/rc"
	tmux new-session -d -s "$session" sh "$D/hand" tty "$D" && tmux wait-for "$session" || exit 1
	status=0
	[ ! -e "$D/rc" ] || read -r status <"$D/rc"
	exit "$status"
}

restore_here() {
	read -r PATH <"$D/path"
	export PATH
	read -r ACT <"$D/act"
	read -r I <"$D/images"
	FILLS=
	[ ! -e "$D/fills" ] || FILLS=--lazy-pages
	# shellcheck source=/dev/null # criu_exec and its words
	(. "$D/restore")
	echo $? >"$D/rc"
	read -r session <"$D/session"
	tmux wait-for -S "$session"
}

# run_criu WHAT: start the CRIU command line in D/WHAT, its pid in $criu.
run_criu() {
	read -r ACT <"$D/act"
	read -r I <"$D/images"
	put path "$PATH"
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
	# Only CRIU has ACT in its environment: kill_half_made goes by that.
	(
		[ "$1" != restore ] || [ ! -e "$D/pidns" ] || enter_pidns
		[ "$1" != restore ] || [ ! -e "$D/session" ] || in_terminal
		# shellcheck source=/dev/null # criu_exec and its words
		. "$D/$1"
	) &
	criu=$!
	start_of "$criu" && put criu "$criu $start"
}

# round K: the process runs on; what it writes to from now on is tracked, or will
# be found by comparing.
round() {
	ROUND=$1
	read -r I <"$D/images"
	[ -O "$I" ] && [ ! -L "$I" ] || return
	start_of $$ && echo "$$ $start" >"$D/rounding"
	rm -rf "$I/r$ROUND"
	mkdir "$I/r$ROUND"
	bytes=0
	read -r root <"$D/pid"
	if ! is_root; then
		rc=1
	elif [ -e "$D/compares" ]; then
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

# mind_dump: a CRIU that makes no step for 20 s, and runs no program, waits for what does not
# come: a thread that cannot be stopped, a helper that hangs. It is killed, which lets the tree go,
# unless it has code of its own in the tree already: then the tree would not survive that, and
# goes on as soon as CRIU does.
mind_dump() {
	still=0
	was=
	while nap_a_second && [ ! -e "$D/s.held" ]; do
		steps=
		while read -r key count; do
			case $key in *ctxt_switches:) steps="$steps $count" ;; esac
		done <"/proc/$criu/status"
		[ -n "$steps" ] || return
		kids=
		read -r kids <"/proc/$criu/task/$criu/children"
		still=$((still + 1))
		[ "$steps" = "$was" ] && [ -z "$kids" ] || still=0
		was=$steps
		if [ "$still" -gt 20 ] && ! grep -q 'Parasite syscall_ip' "$D/criu.log"; then
			echo 'Error (stuck): CRIU made no step for 20 s' >>"$D/criu.log"
			kill -KILL "$criu"
			return
		fi
	done
} >/dev/null 2>&1 </dev/null

# Run it to its end: $rc.
run_criu_watched() {
	run_criu "$1"
	watcher=
	if [ "$1" = dump ]; then
		(
			trap 'kill "$nap"; exit' TERM
			mind_dump
		) &
		watcher=$!
	fi
	if [ "$1" = restore ]; then
		true >"$D/kids"
		watch_children >/dev/null &
		watcher=$!
	fi
	wait "$criu"
	rc=$?
	[ -z "$watcher" ] || kill "$watcher" 2>/dev/null
}

# The dump's CRIU has ended, and the decision stands, however it ended: nothing of the tree runs again.
commit_over() {
	if [ -e "$D/leave-stopped" ]; then
		signal_tree STOP
	else
		n=0
		while tree_runs; do
			# CRIU has killed it; but it takes a moment to end.
			[ "$n" -lt 100 ] || end_tree
			n=$((n + 1))
			sleep 0.003
		done
	fi
	[ -e "$D/s.gone" ] || state gone
}

# finished_off: the dump's CRIU has ended without having been told to, its images are complete, and none of the
# tree is left: CRIU, or somebody, has killed it.  Then the images are the process, which is a commit.
finished_off() {
	[ "$rc" -eq 0 ] || [ -e "$D/s.held" ] || return 1
	[ -s "$D/tree" ] || return 1
	! tree_runs || return 1
	choose commit decision
	read -r verdict <"$D/decision"
	if [ "$verdict" != commit ]; then
		# The abort stands: its images are restored here.
		[ "$rc" -ne 0 ] || state gone
		return 1
	fi
	[ -e "$D/s.held" ] || state held
	echo held 1<>"$D/snd"
	state committed
}

# The dump was not carried through: the tree runs on.
dump_failed() {
	[ "$rc" -ne 0 ] || rc=1
	cat "$D/hook.log" "$D/ahead.log" 2>/dev/null >>"$D/criu.log"
	unhook return
	[ ! -e "$D/tcp" ] || release "$rc"
	wake_tree
}

# A copy that CRIU started though nobody said go, or asked nobody.
not_asked() {
	read -r role <"$D/role"
	asked=$D/s.went
	[ "$role" = dest ] || asked=$D/s.returned
	[ "$rc" -eq 0 ] && [ ! -e "$asked" ] && rc=200
}

# orphaned: neither keeper nor CRIU is left, and this host has not booted since.
orphaned() {
	rc=137
	late=1
	read -r role <"$D/role"
	if [ "$role" = source ] && [ ! -e "$D/s.returning" ]; then
		[ -e "$D/lazy" ] || [ -e "$D/s.committed" ] || ! finished_off || state gone
	elif [ ! -e "$D/s.running" ] && [ ! -e "$D/s.returned" ]; then
		kill_half_made
	fi
}

# keep WHAT: run CRIU and record how it ended.
keep() {
	start_of $$ && put keeper "$$ $start"
	for end in "$D"/s.exit-*; do
		# Given up before it began.
		[ ! -e "$end" ] || return
	done
	read -r I <"$D/images"
	# A boot empties tmpfs: what has that name since is another's.
	if [ ! -O "$I" ] || [ -L "$I" ]; then
		echo "Error (images): $I is gone" >>"$D/criu.log"
		state exit-1
		return
	fi
	read -r root <"$D/pid"
	if [ "$1" = dump ] && ! is_root; then
		# Nothing is done to whoever has the pid now.
		echo over 1<>"$D/snd"
		state exit-1
		return
	fi
	if [ "$1" = dump ]; then
		# CRIU would wait for it to be thawed, and keep what of it was not frozen.
		find_freezers
		if frozen_by "$root"; then
			echo "Error (frozen): $frozen" >>"$D/criu.log"
			echo over 1<>"$D/snd"
			state exit-1
			return
		fi
	fi
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
	# Should CRIU kill it without asking.
	[ "$1" != dump ] || { read -r root <"$D/pid" && list_tree "$root" >"$D/tree"; }
	run_criu_watched "$1"
	# It runs, whatever CRIU did after it said so.
	if [ "$1" = restore ] && { [ -e "$D/s.running" ] || [ -e "$D/s.returned" ]; }; then
		rc=0
	fi
	if [ "$1" = restore ] && [ -e "$D/fills" ] && ! fill_over; then
		run_criu_watched restore
		# None is told that it has all of its memory but whoever runs.
		[ "$rc" -ne 0 ] || state filled
	fi
	# Before the sender hears that it waits for nothing.
	[ "$1" != dump ] || [ -e "$D/lazy" ] || [ -e "$D/s.committed" ] || finished_off
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
	if [ "$1" = dump ] && [ -e "$D/s.committed" ]; then
		commit_over
	elif [ "$1" = dump ]; then
		dump_failed
	elif [ "$1" = restore ] && [ "$rc" -eq 0 ] && ! not_asked; then
		# A CRIU may not have said so.
		[ "$role" = source ] || [ -e "$D/s.running" ] || ! tree_lives || state running
		wake_tree
	else
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
orphaned) orphaned ;;
hold-source) hold_source ;;
hold-dest) hold_dest ;;
tty) restore_here ;;
esac
