# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034
# lazy.sh: what hand.sh does otherwise in a post-copy.  It lies in the move's
# directory as D/lazy, and hand.sh reads it from there.
#
# At the source the tree is dumped without its memory, which CRIU keeps at hand
# and serves on a port of the loopback address.  It serves only after its action
# script has ended, so the holder does not stay: it queues a SIGSTOP to the whole
# tree and ends.  Whatever ends CRIU, the tree is then stopped, not running: CRIU
# 4.2 takes a broken connection for a good end, and so may not kill the tree
# either (--leave-stopped).
#   decision abort     CRIU is killed, the tree goes on
#   decision commit    nothing here lets it go on again but the order revoke, and
#                      nothing kills it but the order kill: the first stands
# A watcher stays and decides abort when the lease runs out before that.
# By the direct way (D/s.joined) both CRIU are given a socket instead: see join.pl.
#
# At the destination CRIU's daemon takes in the pages.  Without it the kernel would
# give the tree zeroes for all that is missing.  So a guard traces the daemon
# (tracer.pl): should it die, the tree is killed first.  The tree may fork before it has all of its memory; it is watched.
#   fate fill          all is there
#   fate discard       it will not come: the copy is killed, and seen dead
#
# Where memory went ahead of the freeze (D/fills) none of that is so but the daemon
# and the guard, and both only at the destination, which has all of the images: the
# tree runs when it stands there, and its memory is put in place meanwhile
# (filler.pl).  Should that fail, the copy is killed and restored again, whole.
#
# D holds besides:  pages      CRIU's command line for the daemon;  port: where it connects
#                   fill discard kill revoke   files with that word; links to them
#                              are D/fate (destination) and D/settled (source)
#                   daemon guard watcher   "PID START" of those
#                   fed        the daemon came to its end
#                   pipe-max   what fs.pipe-max-size was
#                   st         fifo: CRIU says when it serves

PIPE_MAX=/proc/sys/fs/pipe-max-size
PIPE_WANTED=4194304

# lives FILE: the process that FILE names, "PID START", is there and no zombie.
lives() {
	lives_pid=
	[ -e "$1" ] && read -r lives_pid lives_was <"$1"
	[ -n "$lives_pid" ] && start_of "$lives_pid" && [ "$start" = "$lives_was" ] || return 1
	case $run_state in Z | X) return 1 ;; esac
}

# finish FILE: kill it and see it gone.
finish() {
	while lives "$1"; do
		kill -KILL "$lives_pid"
		sleep 0.005
	done
} 2>/dev/null

# first WORD NAME: link NAME to WORD if it is not there; true when it then says WORD.
first() {
	choose "$1" "$2"
	read -r first_word <"$D/$2" && [ "$first_word" = "$1" ]
}

# ---- the source ----

# CRIU needs pipes of 4 MiB to serve from.  Root may make them with CAP_SYS_RESOURCE
# (bit 24); without it, only up to a limit that is raised meanwhile.
raise_pipes() {
	caps=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
	[ $((0x${caps:-0} & 0x1000000)) -eq 0 ] || return 0
	was=$(cat "$PIPE_MAX") # a shell that reads byte by byte gets the first only
	for other in /var/lib/pferry/*/pipe-max; do
		[ -e "$other" ] && read -r was <"$other" && break
	done
	[ "$was" -ge "$PIPE_WANTED" ] && return
	echo "$was" >"$D/pipe-max"
	echo "$PIPE_WANTED" >"$PIPE_MAX"
} 2>/dev/null

lower_pipes() {
	[ -e "$D/pipe-max" ] || return
	read -r was <"$D/pipe-max"
	rm -f "$D/pipe-max"
	set -- /var/lib/pferry/*/pipe-max
	[ -e "$1" ] || echo "$was" >"$PIPE_MAX"
} 2>/dev/null

# Beside CRIU: say where it serves, and how much it has.
lazy_serving() {
	[ "$(dd bs=1 count=1 <"$D/st" | wc -c)" -eq 1 ] || return
	# shellcheck disable=SC2046
	state serving $(awk '/ Using [0-9]+ port/ { port = $(NF - 1) } / Pagemap generated: / { for (i = 2; i <= NF; i++)
		if ($i == "lazy)") n += substr($(i - 1), 2) } END { print port + 0, n * 4096 }' "$D/criu.log")
} 2>/dev/null

# From hold_source, when the dump stands.
lazy_hold_source() {
	list_tree "$root" >"$D/tree"
	start_of "$criu"
	was_criu=$start
	if [ ! -s "$D/tree" ] || [ -e "$D/decision" ]; then
		# It would serve all the same.
		kill -KILL "$criu"
		exit 1
	fi
	signal_tree STOP
	settle_images
	state held
	echo held 1<>"$D/snd"
	(
		trap 'kill "$nap"; exit' TERM
		while nap_a_second && start_of "$criu" && [ "$start" = "$was_criu" ]; do
			! lease_over || lapse
			[ -e "$D/decision" ] || continue
			read -r verdict <"$D/decision"
			[ "$verdict" = commit ] || kill -KILL "$criu"
			exit
		done
	) >/dev/null 2>&1 </dev/null 7>&- &
	# Whoever stopped the holder has stopped this too, and nobody waits for it.
	start_of $! && put watcher "$! $start"
	exit 0
}

# CRIU has ended, however.
lazy_dump_over() {
	lower_pipes
	# It may not even have come to open this, for which lazy_serving waits.
	true 1<>"$D/st"
}

# And it had begun to serve: before a commit that is an abort.
lazy_source_over() {
	own=
	[ -e "$D/decision" ] || own=1
	choose abort decision
	read -r verdict <"$D/decision"
	# Whatever CRIU did to it, it does not run beside its copy.
	[ "$verdict" = abort ] || signal_tree STOP
	if [ "$verdict" = abort ]; then
		resume_tree
		unhook return
		# As told, or of its own accord?
		[ -n "$own" ] || rc=1
		[ "$rc" -ne 0 ] || rc=137
		[ -z "$own" ] || [ "$rc" -gt 128 ] || rc=$((rc + 200))
	fi
	echo "decision $verdict" 1<>"$D/ev"
	state "exit-$rc"
}

# ---- the destination ----

# All that came of the tree: what is listed and what is below it.
lazy_list() {
	while read -r pid was; do
		start_of "$pid" && [ "$start" = "$was" ] && list_tree "$pid"
	done <"$D/tree"
} 2>/dev/null

# And who is in a session that one of it leads: its parent may have ended.
lazy_list_sessions() {
	leaders=' '
	while read -r pid was; do
		leaders="$leaders$pid "
	done <"$D/tree"
	for dir in /proc/[0-9]*; do
		pid=${dir#/proc/}
		start_of "$pid" || continue
		case $leaders in *" $session "*) echo "$pid $start" ;; esac
	done
} 2>/dev/null

# Note what it has become until it is whole.
lazy_watch() {
	trap 'kill "$nap"; exit' TERM
	while [ ! -e "$D/fate" ] && [ ! -e "$D/s.filled" ]; do
		lazy_list | sort -u - "$D/tree" >"$D/tree.now" && mv "$D/tree.now" "$D/tree"
		nap_a_second
	done
} >/dev/null 2>&1 </dev/null

lazy_kill() {
	while true; do
		alive=
		{
			lazy_list
			lazy_list_sessions
		} | sort -u >"$D/doomed"
		while read -r pid was; do
			start_of "$pid" || continue
			[ "$start" = "$was" ] || continue
			case $run_state in Z | X) continue ;; esac
			kill -KILL "$pid"
			alive=1
		done <"$D/doomed"
		[ -n "$alive" ] || return 0
		sort -u "$D/doomed" "$D/tree" >"$D/tree.new" && mv "$D/tree.new" "$D/tree"
		sleep 0.01
	done
} 2>/dev/null

# From hold_dest: see tracer.pl.
lazy_guard() {
	lives "$D/daemon" || return 1
	true >"$D/guarded"
	perl "$D/tracer" "$D" "$lives_pid" "$(uname -m)" </dev/null >/dev/null 2>&1
}

# Beside the keeper: the daemon.  When it fails, the tree may not go on.
lazy_feed() {
	PORT=
	JOIN=
	if [ -e "$D/fills" ]; then
		JOIN="perl $D/filler $D"
		rm -rf "$D/view"
	elif [ -e "$D/s.joined" ]; then
		JOIN="perl $D/join with $D"
	else
		read -r PORT <"$D/port"
	fi
	read -r I <"$D/images"
	# Whoever else has to go for want of memory.
	(
		echo -1000 >/proc/self/oom_score_adj
		# shellcheck source=/dev/null # criu_exec and its words
		. "$D/pages"
	) 2>/dev/null &
	daemon=$!
	start_of "$daemon" && echo "$daemon $start" >"$D/daemon"
	wait "$daemon"
	rc=$?
	# Here, not by the keeper: it may be dead.
	[ ! -e "$D/fills" ] || [ "$rc" -ne 0 ] || state filled
	[ ! -e "$D/fills" ] || exit "$rc"
	[ "$rc" -ne 0 ] || exit 0
	if first discard fate; then
		decide abort
		read -r verdict <"$D/decision"
		echo "decision $verdict" 1<>"$D/ev"
		[ ! -e "$D/s.running" ] || lazy_kill
	fi
	exit 1
}

lazy_start_feed() {
	lazy_feed </dev/null >/dev/null 2>&1 &
	feed=$!
	until [ -S "$D/lazy-pages.socket" ] || [ -e "$D/fate" ] || ! kill -0 "$feed" 2>/dev/null; do
		sleep 0.005
	done
	[ -S "$D/lazy-pages.socket" ] || [ ! -e "$D/fills" ] || unfilled
}

# The tree runs: until the daemon ends, and as it did.
await_feed() {
	lazy_watch &
	watcher=$!
	wait "$feed"
	fed=$?
	kill "$watcher"
	wait "$watcher"
	return "$fed"
}

# ---- the destination, which has all of the memory ----

# Kill the copy that has not all of its memory, and who gives it; another will be
# made, so its pids must be free.  None that is made from now on runs before it is whole.
unfill() {
	finish "$D/daemon"
	if [ -e "$D/guarded" ]; then
		lazy_kill
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			while read -r pid was; do
				start_of "$pid" && [ "$start" = "$was" ] && sleep 0.02
			done <"$D/tree"
		done
	fi
	finish "$D/guard"
	rm -rf "$D/fills" "$D/s.fills" "$D/s.running" "$D/s.held" "$D/s.went" "$D/guarded" "$D/fed" "$D/tree" "$D/lazy-pages.socket" "$D/view"
}

# It is restored whole, then.
unfilled() {
	rm -f "$D/fills" "$D/s.fills"
	state unfilled
}

# The restore is over, $rc.  False when it is to be done again, whole.
fill_over() {
	if [ "$rc" -eq 0 ] && [ -e "$D/s.running" ]; then
		if await_feed; then
			finish "$D/guard"
			return 0
		fi
	else
		kill_half_made
	fi
	again=unfilled
	[ ! -e "$D/s.running" ] || again=anew
	unfill
	state "$again"
	verdict=
	[ -e "$D/decision" ] && read -r verdict <"$D/decision"
	[ "$verdict" = abort ]
} 2>/dev/null

# The restore is over, $rc: wait for the pages, and record what became of it.
lazy_dest_over() {
	if [ "$rc" -eq 0 ] && [ -e "$D/s.running" ]; then
		await_feed
		rc=$?
		if [ "$rc" -eq 0 ] && first fill fate; then
			state filled
			finish "$D/guard"
			state exit-0
			return
		fi
	else
		kill_half_made
	fi
	first discard fate
	finish "$D/daemon"
	[ ! -e "$D/guarded" ] || lazy_kill
	finish "$D/guard"
	state discarded
	unhook drop
	[ "$rc" -ne 0 ] || rc=1
	state "exit-$rc"
}

# ---- orders, from end.sh ----

lazy_order() {
	verdict=
	[ -e "$D/decision" ] && read -r verdict <"$D/decision"
	case $1 in
	aborted)
		read -r role <"$D/role"
		[ "$role" != source ] || [ "$verdict" != abort ] || [ ! -e "$D/s.held" ] || finish "$D/criu"
		;;
	orphaned)
		# No keeper, and no CRIU in its hands.
		read -r role <"$D/role"
		if [ "$role" = dest ]; then
			[ -e "$D/s.running" ] || finish "$D/daemon"
			if [ -e "$D/s.fills" ] && [ -e "$D/s.running" ] && [ -e "$D/fed" ]; then
				state filled
			fi
		elif [ -e "$D/s.held" ]; then
			lower_pipes
			if first abort decision; then
				resume_tree
				unhook return
			fi
		fi
		;;
	kill)
		if [ "$verdict" = commit ] && first kill settled; then
			if [ -e "$D/leave-stopped" ]; then
				signal_tree STOP
			else
				end_tree || return
			fi
			state gone
		fi
		;;
	revoke)
		if [ "$verdict" = commit ] && first revoke settled; then
			finish "$D/criu"
			unhook return
			resume_tree
			state revoked
		fi
		;;
	unfill) unfill ;;
	kill-copy) lazy_kill ;;
	discard)
		first discard fate || return
		decide abort
		finish "$D/daemon"
		if [ -e "$D/s.running" ] || ! lives "$D/keeper"; then
			finish "$D/criu"
			[ ! -e "$D/guarded" ] || lazy_kill
			finish "$D/guard"
			state discarded
			lives "$D/keeper" || state exit-1
		fi
		;;
	esac
}
