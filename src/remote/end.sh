# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# end.sh: the control channel of one end of a move.
#
#   end stage D I HAND NAME=VALUE...   make the migration's directory D (0700)
#                        and the images' I, then serve as `attach` does.  HAND is
#                        the text of hand.sh; each NAME=VALUE a file in D.
#   end attach D         serve: D is there already
#   end look D           print where it stands and end
#
# It reads words from its input, one a line, and acts:
#   renew            pferry is there: the lease begins anew
#   freeze           start D/dump under a keeper (once)
#   restore          start D/restore under a keeper (once; `again` first to repeat)
#   again            forget a restore that failed
#   commit abort go  decide: the first decision stands
#   kill cont        every process of the tree: SIGKILL; SIGCONT
#   delivered        record that the other end was seen running
#   list             the images: "image SIZE NAME" lines, then "listed"
#   log              the end of CRIU's log: "log LINE" lines, then "logged"
#   clean            remove I, D and what was brought along for nothing
# It prints "state NAME" for all that is so and whatever becomes so, "live ..."
# for what runs, "fail SENTENCE" and "cleaned".
mode=$1
D=$2

tell_states() {
	for link in "$D"/s.*; do
		[ -e "$link" ] && echo "state ${link##*/s.}"
	done
	if [ -e "$D/decision" ]; then
		read -r word <"$D/decision"
		echo "decision $word"
	fi
}

# What of it lives: CRIU, and the tree (0 none, 1 runs, T stopped).
tell_live() {
	criu_lives=0
	tree_lives=0
	if [ -e "$D/criu" ]; then
		read -r criu <"$D/criu"
		[ -e "/proc/$criu" ] && criu_lives=1
	fi
	if [ -e "$D/tree" ]; then
		while read -r pid was; do
			stat=$(cat "/proc/$pid/stat" 2>/dev/null) || continue
			# shellcheck disable=SC2086
			set -- ${stat##*) }
			[ "${20}" = "$was" ] || continue
			case $1 in
			Z | X) ;;
			T | t) [ "$tree_lives" = 1 ] || tree_lives=T ;;
			*) tree_lives=1 ;;
			esac
		done <"$D/tree"
	fi
	read -r boot </proc/sys/kernel/random/boot_id
	was_boot=
	[ -e "$D/boot" ] && read -r was_boot <"$D/boot"
	same=1
	[ "$boot" = "$was_boot" ] || same=0
	echo "live criu=$criu_lives tree=$tree_lives boot=$same"
}

stage() {
	I=$3
	hand=$4
	shift 4
	command -v setsid >/dev/null 2>&1 || fail "there is no setsid command"
	command -v mkfifo >/dev/null 2>&1 || fail "there is no mkfifo command"
	mkdir -p /var/lib/pferry 2>/dev/null
	chmod 700 /var/lib/pferry
	why=$(mkdir "$D" 2>&1) || fail "cannot make $D: ${why##*: }"
	trap 'rm -rf "$D" "$I"' EXIT
	why=$(mkdir "$I" 2>&1) || fail "cannot make $I: ${why##*: }"
	{
		read -r up _ </proc/uptime
		read -r boot </proc/sys/kernel/random/boot_id
		: >"$D/blank"
		echo "$up" >"$D/lease"
		echo "$boot" >"$D/boot"
		echo "$I" >"$D/images"
		for word in commit abort go; do
			echo "$word" >"$D/$word"
		done
		printf '%s' "$hand" >"$D/hand"
		for pair in "$@"; do
			printf '%s\n' "${pair#*=}" >"$D/${pair%%=*}"
		done
		mkfifo "$D/ctl" "$D/ev" "$D/snd"
	} 2>/dev/null || fail "cannot write to $D: is the disk full?"
	if [ ! -s "$D/hand" ] || [ ! -s "$D/abort" ] || [ ! -p "$D/snd" ]; then
		fail "cannot write to $D: is the disk full?"
	fi
	place_act
	trap - EXIT
	ln "$D/blank" "$D/s.staged"
}

# CRIU executes its action script as a file: put it where files may be executed.
place_act() {
	read -r role <"$D/role"
	# shellcheck disable=SC2016 # expanded when CRIU runs it
	for dir in "$D" "$I.act" /run/pferry.act."${D##*/}"; do
		mkdir -p "$dir" 2>/dev/null
		printf '#!/bin/sh\n[ -n "$CRTOOLS_SCRIPT_ACTION" ] || exit 0\nset -- hold-%s %s\n. %s/hand\n' \
			"$role" "$D" "$D" 2>/dev/null >"$dir/act.sh" && chmod 700 "$dir/act.sh" &&
			"$dir/act.sh" 2>/dev/null && echo "$dir/act.sh" >"$D/act" && return
		[ "$dir" = "$D" ] || rm -rf "$dir"
	done
	fail "no script can be executed in /var/lib/pferry, ${I%/*} or /run: they are mounted noexec"
}

decide() {
	ln "$D/$1" "$D/decision" 2>/dev/null
	echo "$1" 1<>"$D/ctl"
	read -r word <"$D/decision"
	echo "decision $word"
}

# launch WHAT: under a keeper, in a session of its own, once.
launch() {
	mkdir "$D/launched" 2>/dev/null || return
	setsid sh "$D/hand" keep "$D" "$1" </dev/null >/dev/null 2>&1 &
}

signal_tree() {
	while read -r pid was; do
		stat=$(cat "/proc/$pid/stat" 2>/dev/null) || continue
		# shellcheck disable=SC2086
		set -- "$1" ${stat##*) }
		[ "${21}" = "$was" ] && kill "-$1" "$pid" 2>/dev/null
	done <"$D/tree"
}

# Take back files that were brought along for a process that never ran here.
unbring() {
	[ -e "$D/s.running" ] && return
	[ -e "$D/brought" ] || return
	while read -r inode path; do
		[ "$(stat -c %i "$path" 2>/dev/null)" = "$inode" ] || continue
		if [ -d "$path" ]; then
			rmdir "$path" 2>/dev/null
		else
			rm -f "$path"
		fi
	done <"$D/brought"
}

clean() {
	unbring
	[ -e "$D/images" ] && read -r I <"$D/images" && case $I in
	*/pferry[-/]*) rm -rf "$I" "$I.act" ;;
	esac
	rm -rf /run/pferry.act."${D##*/}"
	rm -rf "$D"
	if [ -e "$D" ]; then
		echo "fail cannot remove $D"
	else
		rmdir /var/lib/pferry 2>/dev/null
		echo cleaned
	fi
}

serve() {
	while read -r word rest; do
		case $word in
		renew)
			read -r up _ </proc/uptime
			echo "$up" 1<>"$D/lease"
			;;
		freeze) launch dump ;;
		restore) launch restore ;;
		again) rm -rf "$D/launched" "$D/s.lost" "$D/s.held" "$D"/s.exit-* "$D/tree" ;;
		commit | abort | go) decide "$word" ;;
		kill) signal_tree KILL ;;
		cont) signal_tree CONT ;;
		delivered) ln "$D/blank" "$D/s.delivered" 2>/dev/null && echo "state delivered" ;;
		look)
			tell_states
			tell_live
			;;
		list)
			read -r I <"$D/images"
			for file in "$I"/*; do
				[ -f "$file" ] && echo "image $(stat -c %s "$file") ${file##*/}"
			done
			echo listed
			;;
		log)
			tail -c 24000 "$D/criu.log" 2>/dev/null | sed 's/^/log /'
			echo
			echo logged
			;;
		clean) clean ;;
		esac
	done
}

case $mode in
stage) stage "$@" ;;
*) [ -d "$D" ] || fail "there is no $D" ;;
esac
if [ "$mode" = look ]; then
	tell_states
	tell_live
	exit
fi
exec 3<>"$D/ev"
cat <&3 &
forwarder=$!
trap 'kill "$forwarder" 2>/dev/null' EXIT
tell_states
[ "$mode" = attach ] && tell_live
serve
