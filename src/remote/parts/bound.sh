# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2030,SC2031
# ---- an end for what hangs ----
# A program that asks a file system which does not answer cannot even be killed.
# The shell that waits for it can, and with it sshd's session ends; so no shell
# below touches such a file itself.

# end_below PID: it and all that it has started, but for this caller ($self).
end_below() {
	[ "$1" = "$spared" ] || kill -STOP "$1"
	for kids in "/proc/$1/task"/*/children; do
		below=
		read -r below <"$kids"
		for kid in $below; do
			[ "$kid" = "$self" ] || (end_below "$kid")
		done
	done
	[ "$1" = "$spared" ] || kill -KILL "$1"
} 2>/dev/null

# bound SECONDS: this script, and all it has started, ends by then; and soon after nobody
# listens to it any more: sshd has closed what the empty lines on its error output go to.
# What was not done by then is told in a line "late PROGRAM".  $leaving, a function, removes what
# a script that was killed has left.
bound() {
	leaving=${leaving:-true}
	(
		trap '' PIPE
		trap 'kill "$nap"; exit' TERM
		read -r self _ </proc/self/stat
		n=0
		while
			# Nothing of it may stay: its pid may be wanted.
			sleep 1 >/dev/null 2>&1 &
			nap=$!
			wait "$nap"
		do
			kill -0 $$ 2>/dev/null || { $leaving; exit; }
			n=$((n + 1))
			[ "$n" -lt "$1" ] || break
			echo >&2 2>/dev/null || break
		done
		exec 2>/dev/null
		spared=$$
		if [ "$n" -ge "$1" ]; then
			busy=$(busy_below $$ | sort -u | tr '\n' ' ' | cut -c 1-100)
			# Whoever listens may not take it.
			printf '\nlate %s\n' "$busy" &
		fi
		trap '' TERM
		kill -TERM $$
		end_below $$
		sleep 1
		kill -KILL $$
		$leaving
	) </dev/null &
	bounder=$!
	trap unbound EXIT
}

# The script has ended by itself.
unbound() {
	kill "$bounder"
} 2>/dev/null

# busy_below PID: the programs below it but for this caller, "!" before one that cannot be killed just now.
busy_below() {
	for kids in "/proc/$1/task"/*/children; do
		below=
		read -r below <"$kids"
		for kid in $below; do
			[ "$kid" != "$self" ] || continue
			read -r comm <"/proc/$kid/comm" && case $(sed 's/.*) //' "/proc/$kid/stat") in
			D*) echo "!$comm" ;;
			*) echo "$comm" ;;
			esac
			(busy_below "$kid")
		done
	done
} 2>/dev/null

# within SECONDS COMMAND [ARG]...: false when that took longer, and was ended. What it prints
# should go through a program that can be killed: else what hangs keeps the reader waiting.
within() {
	seconds=$1
	shift
	exec 7<&0
	("$@") <&7 7<&- &
	job=$!
	exec 7<&-
	(
		trap 'kill "$nap"; exit' TERM
		sleep "$seconds" &
		nap=$!
		wait "$nap"
		self='' spared=''
		end_below "$job"
	) </dev/null >/dev/null 2>&1 &
	guard=$!
	wait "$job"
	set -- $?
	kill "$guard" 2>/dev/null
	return "$1"
}

# room DIRECTORY...: "room KB DIRECTORY" of each that is there and answers.
room() {
	for dir; do
		within 5 room_of "$dir" </dev/null
	done
}

room_of() {
	[ -d "$1" ] && df -Pk "$1" 2>/dev/null | awk -v dir="$1" 'NR == 2 { print "room", $4, dir }'
}
