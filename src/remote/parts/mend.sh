# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# ---- what stands still goes on ----
# Whoever looks at a move helps along what can go no further by itself, so that no state is without an end.

# wake FILE: who is named there, "PID START", was stopped by somebody: it goes on.
wake() {
	pid=
	[ -e "$1" ] && read -r pid was <"$1"
	[ -n "$pid" ] && start_of "$pid" && [ "$start" = "$was" ] || return 0
	[ "$run_state" != T ] || kill -CONT "$pid"
	for children in "/proc/$pid/task"/*/children; do
		below=
		read -r below <"$children"
		for child in $below; do
			start_of "$child" && [ "$run_state" = T ] && of_this_move "$child" && kill -CONT "$child"
		done
	done
} 2>/dev/null

# of_this_move PID: it is a shell or program of this move's, not one that is moved.
of_this_move() {
	grep -qaF "${D##*/}" "/proc/$1/cmdline"
}

# older FILE SECONDS: it is there, and was made, or linked, longer ago.
older() {
	[ -e "$1" ] && made=$(stat -c %Z "$1") && [ $(($(date +%s) - made)) -ge "$2" ]
} 2>/dev/null

# keeper_seen: one runs that could not write down that it does.
keeper_seen() {
	for keeper in /proc/[0-9]*/cmdline; do
		case $(tr '\0' ' ' <"$keeper") in "sh $D/hand keep "*) return ;; esac
	done
	return 1
} 2>/dev/null

# infected: CRIU has code of its own in the tree, which would not survive CRIU.
infected() {
	grep -q 'Parasite syscall_ip' "$D/criu.log"
}

# aborted: that is the decision.
aborted() {
	[ -e "$D/decision" ] && read -r word <"$D/decision" && [ "$word" = abort ]
}

# steps_below PID: how often it and what it has made were given a processor, and for how long.
steps_below() {
	for task in "/proc/$1/task"/*; do
		while read -r key count; do
			case $key in *ctxt_switches:) echo "$count" ;; esac
		done <"$task/status"
		stat=
		read -r stat <"$task/stat"
		# shellcheck disable=SC2086
		set -- ${stat##*) }
		echo "${12} ${13}"
		below=
		read -r below <"$task/children"
		for child in $below; do
			(steps_below "$child")
		done
	done
} 2>/dev/null

# restore_still: that CRIU makes no step any more, nor does what it has made, as the looks of some time show.
restore_still() {
	read -r pid was <"$D/criu"
	steps=$(steps_below "$pid" | tr '\n' ' ')
	steps=${steps% } # read(1) leaves out the blank at the end
	was_steps=
	[ ! -e "$D/steps" ] || read -r was_steps <"$D/steps"
	if [ "$steps" != "$was_steps" ]; then
		echo "$steps" >"$D/steps"
		return 1
	fi
	# Memory by post-copy may have to be waited for.
	patience=20
	[ ! -e "$D/s.lazy" ] || patience=120
	older "$D/steps" "$patience"
} 2>/dev/null

# A CRIU that has heard what to do and neither does it nor ends: only it is killed. What
# becomes of the tree then is its keeper's, or the next look's, to see to.
end_stuck() {
	[ -e "$D/launched" ] && [ -e "$D/criu" ] && ! over || return 0
	read -r role <"$D/role"
	if [ -e "$D/s.returning" ]; then
		# The source restores its own images: what was decided is long done.
		if [ -e "$D/s.returned" ]; then
			older "$D/s.returned" 8
		else
			restore_still
		fi
	elif [ "$role" = source ] && [ ! -e "$D/lazy" ]; then
		# How long a decision has stood, the link to it says.
		if [ -e "$D/s.held" ]; then
			older "$D/s.committed" 8 || older "$D/s.aborting" 8 || older "$D/decision" 15
		else
			older "$D/decision" 15 && ! infected
		fi
	elif [ "$role" = source ]; then
		older "$D/s.gone" 8 || { [ ! -e "$D/s.held" ] && older "$D/decision" 15 && ! infected; }
	elif [ ! -e "$D/s.running" ]; then
		# A restore may take long, and says little meanwhile.
		if aborted; then
			older "$D/decision" 8
		else
			older "$D/fate" 8 || older "$D/s.went" 60 || { [ ! -e "$D/s.held" ] && restore_still; }
		fi
	elif [ -e "$D/s.lazy" ] || [ -e "$D/fills" ]; then
		older "$D/s.filled" 8
	else
		[ ! -e "$D/session" ] && older "$D/s.running" 8
	fi || return 0
	read -r pid was <"$D/criu"
	is_there "$pid" "$was" || return 0
	# What it has made so far goes with it; what runs already does not.
	if { [ "$role" = dest ] || [ -e "$D/s.returning" ]; } && [ ! -e "$D/s.running" ] && [ ! -e "$D/s.returned" ]; then
		kill_below "$pid"
	else
		kill -KILL "$pid"
	fi
} 2>/dev/null

mend() {
	for who in keeper criu holder watcher daemon guard; do
		wake "$D/$who"
	done
	end_stuck
}
