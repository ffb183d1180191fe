# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# ---- processes: PID, and START, by which one is told from another that has its pid later ----
# D/tree has "PID START" of the tree's.

# start_of PID: field 22 of /proc/PID/stat; the name before it may hold anything.
start_of() {
	stat=
	read -r stat <"/proc/$1/stat" || [ -n "$stat" ] || return 1
	# A newline in the name cuts the line, whatever it looks like until there.  A name
	# has 15 bytes at the most, and what follows it more than 100.
	[ ${#stat} -ge 60 ] || stat=$(cat "/proc/$1/stat" 2>/dev/null)
	# shellcheck disable=SC2034 # for hand.sh
	self_pid=${stat%% *}
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	run_state=$1
	# shellcheck disable=SC2034 # for hand.sh
	parent=$2
	# shellcheck disable=SC2034 # for lazy.sh
	session=$4
	flags=$7
	start=${20}
	[ -n "$start" ]
} 2>/dev/null

# list_tree PID: "PID START" of it and all its descendants, parents first.
list_tree() {
	start_of "$1" || return
	echo "$1 $start"
	for task in "/proc/$1/task"/*; do
		children=
		read -r children <"$task/children"
		for child in $children; do
			(list_tree "$child")
		done
	done
} 2>/dev/null

# is_there PID START: that process is still there, and no zombie.
is_there() {
	start_of "$1" && [ "$start" = "$2" ] && case $run_state in Z | X) false ;; esac
}

# tree_lives: some process of the tree does.
tree_lives() {
	while read -r pid was; do
		is_there "$pid" "$was" && return 0
	done <"$D/tree"
	return 1
} 2>/dev/null

# tree_runs: some thread of the tree may run again.  One that is exiting, PF_EXITING
# in its flags, will not, though it may take long to give its memory back.  The first
# thread may be a zombie, and others not.
tree_runs() {
	while read -r pid was; do
		start_of "$pid" || continue
		[ "$start" = "$was" ] || continue
		for task in "/proc/$pid/task"/*; do
			start_of "${task#/proc/}" || continue
			case $run_state in Z | X) continue ;; esac
			[ $((flags & 4)) -ne 0 ] || return 0
		done
	done <"$D/tree"
	return 1
} 2>/dev/null

# end_tree: kill it, with all that it has forked since it was listed, until none of it can run.
# Stopped, it forks no more. False when something of it, waiting for a disk perhaps, is not gone in time.
end_tree() {
	tries=0
	while tree_runs; do
		[ "$tries" -lt 300 ] || return 1
		tries=$((tries + 1))
		signal_tree STOP
		# Not by a file: the disk may be full.
		# shellcheck disable=SC2046 # words
		end_these $(while read -r pid was; do
			start_of "$pid" && [ "$start" = "$was" ] && list_tree "$pid"
		done <"$D/tree")
		sleep 0.01
	done
} 2>/dev/null

end_these() {
	while [ $# -gt 1 ]; do
		start_of "$1" && [ "$start" = "$2" ] && kill -KILL "$1"
		shift 2
	done
}

# resume_tree [STATE]: all of it goes on, or what is in that state; but not what was
# stopped before it was moved, whose pids are in D/stopped.
resume_tree() {
	asleep=
	[ ! -e "$D/stopped" ] || read -r asleep <"$D/stopped"
	while read -r pid was; do
		if ! start_of "$pid" || [ "$start" != "$was" ]; then
			continue
		fi
		case " $asleep " in *" $pid "*) continue ;; esac
		if [ -z "$1" ] || [ "$run_state" = "$1" ]; then
			kill -CONT "$pid"
		fi
	done <"$D/tree"
} 2>/dev/null

# wake_tree: nothing of it stays stopped that was not.  In a pid namespace its pids are others.
wake_tree() {
	if [ ! -e "$D/stopped" ] || [ ! -e "$D/pidns" ]; then
		resume_tree T
	fi
}

# signal_tree SIGNAL: to those that are still themselves.
signal_tree() {
	while read -r pid was; do
		start_of "$pid" && [ "$start" = "$was" ] && kill "-$1" "$pid"
	done <"$D/tree" 2>/dev/null
}
