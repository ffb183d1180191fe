# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# ---- when it is over: nothing of it stays ----

# Post-copy: it ran here, and was killed or died with the host before it was whole.
discarded() {
	[ -e "$D/s.lazy" ] && [ ! -e "$D/s.filled" ] || return 1
	[ ! -e "$D/s.discarded" ] || return 0
	read -r boot </proc/sys/kernel/random/boot_id
	read -r was_boot <"$D/boot"
	[ "$boot" != "$was_boot" ]
}

# same_boot: this host has not booted since; $same says so too.
same_boot() {
	same=0
	was_boot=
	read -r boot </proc/sys/kernel/random/boot_id
	[ -e "$D/boot" ] && read -r was_boot <"$D/boot"
	[ "$boot" != "$was_boot" ] || same=1
	[ "$same" = 1 ]
}

# Take back files that were brought along for a process that never ran here.
unbring() {
	[ -e "$D/brought" ] || return
	if [ -e "$D/s.running" ] && ! discarded; then
		perl "$D/place" keep "$D" "$(uname -m)"
	else
		perl "$D/place" back "$D" "$(uname -m)"
	fi </dev/null >/dev/null 2>&1
}

# A CRIU that was killed leaves mounts in its working directory, cgroup
# hierarchies among them: nothing may be removed through those.
unmount_below() {
	while read -r _ where _; do
		case $where in
		"$D"/* | "$I"/*) echo "$where" ;;
		esac
	done </proc/mounts | sort -r | while read -r where; do
		umount -l "$where"
	done 2>/dev/null
	! grep -qE " ($D|$I)/" /proc/mounts
}

# A round of a pre-copy is being made.
at_round() {
	[ -e "$D/rounding" ] && read -r pid was <"$D/rounding" && [ -n "$was" ] && is_there "$pid" "$was"
}

# A copy that never ran here, its CRIU killed, is still there; and what runs here does not stay stopped.
settle_tree() {
	same_boot && [ -e "$D/tree" ] || return 0
	read -r role <"$D/role"
	if [ "$role" = dest ] && { discarded || { [ ! -e "$D/s.running" ] && [ ! -e "$D/s.went" ]; }; }; then
		end_tree
	elif [ "$role" = dest ] || [ ! -e "$D/s.gone" ]; then
		wake_tree
	fi
}

clean() {
	# Whoever asks may be late: nothing is pulled from under a CRIU at work.
	if [ -e "$D/launched" ] && ! over; then
		tell_live
		over || return
	fi
	# A round of CRIU's is short, and it is not to be disturbed with the process in
	# hand.  One that compares ends when it sees a decision.
	[ ! -e "$D/rounding" ] || [ ! -e "$D/compares" ] || ln "$D/abort" "$D/decision" 2>/dev/null
	while at_round; do
		sleep 0.1
	done
	# Nothing is to be put there behind our back.
	if [ -e "$D/accepting" ] && read -r pid was <"$D/accepting"; then
		n=0
		while is_there "$pid" "$was"; do
			n=$((n + 1))
			if [ "$n" -lt 100 ]; then
				kill "$pid"
			else
				kill -KILL "$pid"
			fi 2>/dev/null
			sleep 0.05
		done
	fi
	if [ -e "$D/hooked" ]; then
		# Whoever should have is dead.
		read -r role <"$D/role"
		if [ "$role" = source ]; then
			[ -e "$D/s.gone" ] || sh "$D/hand" unhook "$D" return
		elif [ ! -e "$D/s.running" ] || discarded; then
			sh "$D/hand" unhook "$D" drop
		fi </dev/null >/dev/null 2>&1
	fi
	# Stopped, it would stay.
	if [ -e "$D/watcher" ] && read -r pid was <"$D/watcher" && is_there "$pid" "$was"; then
		kill -KILL "$pid"
	fi
	settle_tree
	unbring
	# The table that held back the packets of its connections.
	[ ! -e "$D/tcp" ] || sh "$D/hand" unlock "$D" </dev/null >/dev/null 2>&1
	[ ! -e "$D/pipe-max" ] || sh "$D/hand" lazy "$D" orphaned </dev/null >/dev/null 2>&1
	images || I=$D/img
	if ! unmount_below; then
		echo "fail unremoved cannot remove $D: something is mounted there"
		return
	fi
	# No name of ours has a blank.
	for place in "$I" $(sed 's,/act\.sh$,,' "$D/act" 2>/dev/null) $(cat "$D/torn" 2>/dev/null); do
		case $place in
		"$D"/*) ;;
		/*/pferry[-.]*) [ -L "$place" ] || [ ! -O "$place" ] || remove "$place" || return ;;
		esac
	done
	remove "$D" || return
	rmdir "${D%/*}" 2>/dev/null
	echo cleaned
}

# remove PATH...: also while somebody who works there makes another file: a
# sender does not know yet that it is over, and cannot once the directory is gone.
remove() {
	for path in "$@"; do
		for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			rm -rf "$path" 2>/dev/null && break
			sleep 0.05
		done
		if [ -e "$path" ]; then
			echo "fail unremoved cannot remove $path"
			return 1
		fi
	done
}
