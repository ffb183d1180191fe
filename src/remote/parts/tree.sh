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

# signal_tree SIGNAL: to those that are still themselves.
signal_tree() {
	while read -r pid was; do
		start_of "$pid" && [ "$start" = "$was" ] && kill "-$1" "$pid"
	done <"$D/tree" 2>/dev/null
}
