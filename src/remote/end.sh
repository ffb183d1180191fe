# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# end.sh: the control channel of one end of a move.
#
#   end stage D          make the migration's directory D (0700), put the files of D there
#                        that come on the input (see take_files), make the directory of
#                        the images, which one of them names, then serve as `attach` does
#   end attach D         serve: D is there already
#   end look D           print where it stands and end
#
# It reads words from its input, one a line, and acts:
#   renew            pferry is there: the lease begins anew
#   round K          pre-copy: make the K-th round, once, or say again how it went
#   warm ROOM MORE   fetch so many bytes of memory ahead for images, and MORE for
#                    the process: "state warm"
#   unwarm           give up what was fetched for the process: it comes now
#   freeze           start D/dump under a keeper (once)
#   again            forget a restore that failed and start it once more
#   commit abort go  decide: the first decision stands
#   kill             what is left of a committed tree, until it is gone
#   back             the copy at the destination is no more: restore the images
#                    here, at the source (once)
#   revoke           a commit that no holder carried out: the tree runs on
#   discard          post-copy: kill the copy here, unless it has all its memory
#   port N           post-copy: where the daemon finds the pages
#   joined           post-copy: CRIU is given a connection for them by join.pl
#   delivered        record that the other end was seen running
#   received         all images are there by other ways than recv.sh: restore
#   list             the images: "image SIZE NAME" lines, then "listed"
#   size             how much of them is here: "size BYTES"
#   log              the end of CRIU's log: "log LINE" lines, then "logged"
#   drop             as clean, unless it was started here after all
#   clean            remove I, D and what was brought along for nothing
# It prints "images I", where they are; "state NAME" for all that is so and whatever
# becomes so, "live ..."
# for what runs, "fail CODE SENTENCE" and "cleaned".
mode=$1
D=$2

. parts/own.sh
. parts/criu.sh
. parts/note.sh
. parts/state.sh
. parts/arrived.sh
. parts/tree.sh
. parts/mend.sh
. parts/clean.sh

# check_dir: what lies in D is believed, and run.
check_dir() {
	[ -e "$D" ] || [ -L "$D" ] || fail absent "there is no $D"
	move_dir "$D" && return
	# Somebody else may just be taking it away.
	[ -e "$D" ] || [ -L "$D" ] || fail absent "there is no $D"
	move_dir "$D" || not_ours "$D"
}

# images: their directory in $I.  D/images may name one of tmpfs, which a boot empties:
# whatever has its name now is not ours.
images() {
	I=
	read -r I <"$D/images" && [ -d "$I" ] && [ ! -L "$I" ] && [ -O "$I" ]
} 2>/dev/null

tell_states() {
	# How CRIU ended comes last: what it did before has another CRIU.
	for link in "$D"/s.[!e]* "$D"/s.e*; do
		case $link in
		*/s.differs)
			differs=
			[ ! -e "$D/differs" ] || read -r differs <"$D/differs"
			[ ! -e "$link" ] || printf 'state differs %s\n' "$differs"
			;;
		*) [ ! -e "$link" ] || echo "state ${link##*/s.}" ;;
		esac
	done
	if [ -e "$D/decision" ]; then
		read -r word <"$D/decision"
		echo "decision $word"
	fi
}

# tell LINE: to pferry, in order with all else that is printed here.
tell() {
	printf '%s\n' "$1"
}

# ours_to_end KEEPER: "PID START", was found dead, and this shell alone, of all that find it so, is to do what it
# could not: by the time another comes to that, something may have been begun anew, under a keeper that lives.
ours_to_end() {
	mine=$D/orphan-${1% *}-${1#* }
	mkdir "$mine" 2>/dev/null && return
	# Where no directory can be made, the disk is full; and whoever had it may have been killed at it.
	[ ! -d "$mine" ] || older "$mine" 20 || return 1
	id=
	[ ! -e "$D/keeper" ] || read -r id <"$D/keeper"
	[ "$id" = "$1" ]
}

# What of it lives, and what a dead keeper could not say.
tell_live() {
	mend
	keeper_lives=1
	lives=0
	dead=
	# Whoever should have started it was killed, or it was itself before it could say so.
	if [ -s "$D/keeper" ] || { older "$D/launched" 10 && ! keeper_seen; }; then
		keeper_lives=0
		for who in keeper criu daemon; do
			[ "$who" != daemon ] || [ -e "$D/s.running" ] || continue
			id=
			[ -e "$D/$who" ] && read -r id <"$D/$who"
			[ "$who" != keeper ] || dead=$id
			[ -n "$id" ] && is_there "${id% *}" "${id#* }" && keeper_lives=1
		done
	fi
	tree_lives && lives=1
	[ -e "$D/launched" ] && echo "state launched"
	same_boot
	# A keeper that was killed, and its CRIU with it, cannot say that all is over.
	if [ -e "$D/launched" ] && [ "$keeper_lives" = 0 ] && [ ! -e "$D/s.exit-0" ]; then
		if ! over && ours_to_end "$dead"; then
			if [ -e "$D/tcp" ] && [ "$same" = 1 ] && [ ! -e "$D/s.committed" ] && [ ! -e "$D/s.received" ] && [ ! -e "$D/s.returning" ]; then
				sh "$D/hand" release "$D" </dev/null >/dev/null 2>&1
			fi
			[ "$same" = 0 ] || sh "$D/hand" orphaned "$D" </dev/null >/dev/null 2>&1
			if [ -e "$D/lazy" ]; then
				sh "$D/hand" lazy "$D" orphaned </dev/null >/dev/null 2>&1
				[ ! -e "$D/s.filled" ] || echo "state filled"
			fi
			[ ! -e "$D/s.gone" ] || echo "state gone"
			[ ! -e "$D/s.committed" ] || echo "state committed"
			state exit-137
		fi
	fi
	echo "live tree=$lives boot=$same"
}

# make_base: the directory of all moves.  False when another move's end, being cleaned,
# has just taken it away, as it does when it is empty.
make_base() {
	mkdir -p "${D%/*}" 2>/dev/null
	why=${why:-no such directory}
	if ! ours "${D%/*}" && ! ours "${D%/*}"; then
		# Taken away since.
		[ -e "${D%/*}" ] || [ -L "${D%/*}" ] || return 1
		fail not-ours "${D%/*} must be a directory that only $(id -un) can write to, and no link: remove it"
	fi
	chmod 700 "${D%/*}" 2>/dev/null
}

# take_files: files of D from the input, to a line ".": a command line could be read by
# every user of this host.  "line NAME VALUE" is a file of that line; "text NAME BYTES"
# has so many bytes after it.  read(1) takes no byte past the line's end.
take_files() {
	full=
	! dd if=/dev/null iflag=fullblock bs=1 count=0 || full=1
	while IFS= read -r line; do
		rest=${line#* }
		name=${rest%% *} value=${rest#* }
		case $line in
		.) return 0 ;;
		'line '*) printf '%s\n' "$value" >"$D/$name" || return ;;
		'text '*)
			if [ -n "$full" ]; then
				dd bs="$value" count=1 iflag=fullblock
			else
				dd bs=1 count="$value"
			fi >"$D/$name" || return
			[ "$(wc -c <"$D/$name")" -eq "$value" ] || return
			;;
		*) return 1 ;;
		esac
	done
	return 1
}

stage() {
	command -v setsid >/dev/null 2>&1 || fail no-program "there is no setsid command"
	command -v mkfifo >/dev/null 2>&1 || fail no-program "there is no mkfifo command"
	tries=0
	why=
	# By one program with the base, so that no other move's end comes between the two.
	until make_base && { why=$(mkdir "${D%/*}" "$D" 2>&1) || [ -d "$D" ]; }; do
		tries=$((tries + 1))
		[ "$tries" -lt 20 ] || fail unmade "cannot make $D: ${why##*: }"
	done
	mkdir "$D/claimed" 2>/dev/null || fail unmade "cannot make $D: it is there"
	made=
	place=
	trap 'rm -rf "$D"; [ -z "$made" ] || rm -rf "$made"; [ -z "$place" ] || rm -rf "$place"' EXIT
	{
		read -r up _ </proc/uptime
		read -r boot </proc/sys/kernel/random/boot_id
		true >"$D/blank"
		for n in 1 2 3 4 5 6 7 8; do
			echo spare >"$D/spare.$n"
		done
		echo "$up" >"$D/lease"
		echo "$boot" >"$D/boot"
		for word in commit abort go fill discard kill revoke; do
			echo "$word" >"$D/$word"
		done
		take_files || fail torn "what it is to be told did not arrive whole"
		mkfifo "$D/ctl" "$D/ev" "$D/snd" "$D/st"
	} 2>/dev/null || fail unwritten "cannot write to $D: is the disk full?"
	if [ ! -s "$D/hand" ] || [ ! -s "$D/abort" ] || [ ! -p "$D/snd" ]; then
		fail unwritten "cannot write to $D: is the disk full?"
	fi
	make_images
	read -r role <"$D/role"
	check_programs
	place_act
	# What is restored here waits for an expectation to be compared with (compare.sh).
	[ ! -e "$D/expects" ] || ln "$D/blank" "$D/s.expects"
	# What send.sh and recv.sh need to send memory while the dump writes it.
	if dd if=/dev/null iflag=skip_bytes,count_bytes,fullblock skip=0 count=0 bs=4k status=none 2>/dev/null; then
		echo "state streams"
	fi
	# What a pre-copy needs of the kernel: pages that were written to are marked.  Else
	# memory is read and compared, and so it is where much of it is shared.
	if [ -e "$D/shared" ] && compares; then
		echo "state compares"
	elif [ -e "$D/track" ] && read -r criu <"$D/track" && criu_run "$criu" check --feature mem_dirty_track >/dev/null 2>&1; then
		echo "state tracks"
	elif compares; then
		echo "state compares"
	fi
	if [ -e "$D/fills" ]; then
		# Not said: then all of it is there before it runs.
		if why=$(lacks_for_lazy); then
			rm -f "$D/fills"
		else
			ln "$D/blank" "$D/s.fills"
		fi
	elif [ -e "$D/lazy" ]; then
		why=$(lacks_for_lazy) && fail no-lazy "$why: use another mode"
		ln "$D/blank" "$D/s.lazy"
	fi
	trap - EXIT
	ln "$D/blank" "$D/s.staged"
	# What recover goes by after a power cut.
	sync "$D"/* "$D" 2>/dev/null
	return 0
}

# What this end lacks for memory that comes when the tree runs already; false when nothing.
lacks_for_lazy() {
	if [ "$(id -u)" != 0 ]; then
		echo "bringing in memory later needs root there"
		return
	fi
	[ "$role" = dest ] && read -r criu <"$D/track" || return
	if ! criu_run "$criu" check --feature uffd-noncoop >/dev/null 2>&1; then
		echo "its kernel or CRIU cannot bring in memory later (userfaultfd)"
	elif ! command -v perl >/dev/null 2>&1; then
		echo "bringing in memory later needs perl there, to hold the copy when memory stops coming"
	else
		# Those whose ptrace(2) tracer.pl can call.
		case $(uname -m) in
		x86_64 | aarch64 | riscv64 | loongarch64 | ppc64le | s390x) return 1 ;;
		*) echo "bringing in memory later has not been tried on its kind of processor" ;;
		esac
	fi
}

# compares: memory can be read there and compared; then it will be.
compares() {
	[ -e "$D/ahead" ] && read -r pid <"$D/pid" && perl "$D/ahead" able "$pid" 2>/dev/null && true >"$D/compares"
}

# make_images: their directory.  In /dev/shm it has a name that nobody can have foreseen,
# from a command line for example.
make_images() {
	read -r I <"$D/images"
	case $I in
	"$D"/*) why=$(mkdir "$I" 2>&1) || fail unmade "cannot make $I: ${why##*: }" ;;
	*)
		# Where all may write, nobody may take away what is another's.
		[ -O "${I%/*}" ] || [ -k "${I%/*}" ] || fail not-ours "others may remove what lies in ${I%/*}"
		why=$(mktemp -d "$I.XXXXXXXX" 2>&1) || fail unmade "cannot make a directory in ${I%/*}: ${why##*: }"
		made=$why
		I=$why
		echo "$I" >"$D/images" || fail unwritten "cannot write to $D: is the disk full?"
		;;
	esac
}

# all_write PATH...: every user may write to one of them.
all_write() {
	stat -L -c %A "$@" 2>/dev/null | grep -q '^........w'
}

# check_programs: what root would run is root's.
check_programs() {
	read -r criu <"$D/program"
	[ ! -O / ] || case $criu in
	/*) { roots "${criu%/*}" && [ -O "$criu" ] && ! all_write "$criu" "${criu%/*}"; } || fail unsafe-program "root runs no $criu, which others can change: install CRIU where only root writes" ;;
	*) ;;
	esac
	[ -e "$D/session" ] || return 0
	# tmux refuses a directory of sockets that somebody else has made, and would do so after the freeze.
	sockets=${TMUX_TMPDIR:-/tmp}/tmux-$(id -u)
	mkdir "$sockets" 2>/dev/null
	ours "$sockets" || fail no-terminal "tmux cannot run: $sockets is not a directory that only $(id -un) writes to; remove it"
}

# CRIU executes its action script as a file: put it where files may be executed, and
# where nobody else can have put one.
place_act() {
	id=${D##*/}
	for where in '' "$I.act" "/run/pferry.act.$id"; do
		place=
		[ -z "$where" ] || place=$(mktemp -d "$where.XXXXXX" 2>/dev/null) || continue
		dir=${place:-$D}
		# shellcheck disable=SC2016 # expanded when CRIU runs it
		printf '#!/bin/sh\n[ -n "$CRTOOLS_SCRIPT_ACTION" ] || exit 0\nset -- hold-%s %s\n. %s/hand\n' \
			"$role" "$D" "$D" 2>/dev/null >"$dir/act.sh" && chmod 700 "$dir/act.sh" &&
			"$dir/act.sh" 2>/dev/null && echo "$dir/act.sh" >"$D/act" && return
		[ -z "$place" ] || rm -rf "$place"
	done
	place=
	fail no-exec "no script can be executed in ${D%/*}, ${I%/*} or /run: they are mounted noexec"
}

# This login's memory has a limit; a process that is restored does not count to it.
bounded() {
	sed -n 's/^0:://p' /proc/self/cgroup | {
		read -r group
		while [ -n "$group" ]; do
			limit=max
			read -r limit <"/sys/fs/cgroup$group/memory.max"
			[ "$limit" = max ] || return 0
			group=${group%/*}
		done
		return 1
	}
} 2>/dev/null

# warm ROOM MORE: have memory at hand before the freeze.  A virtual machine gets it
# from its hypervisor page by page, which takes longer than to fill it.  I/.room is
# given up, or written over, by the images, I/.warm by the process.
warm() {
	images || return
	set -- .room "$1" .warm "$2"
	bounded && set -- .room "$2"
	while [ $# -gt 0 ]; do
		[ "$2" -lt 1048576 ] || dd if=/dev/zero of="$I/$1" bs=1048576 count=$(($2 / 1048576)) || rm -f "$I/$1"
		shift 2
	done
	# It may not take the room of images that turn out larger.
	spare=$(df -Pk "$I" | awk 'NR == 2 { print $4 }')
	[ ! -e "$I/.warm" ] || [ "${spare:-0}" -gt $(($(stat -c %s "$I/.warm") / 2048 + 65536)) ] || rm -f "$I/.warm"
	echo "state warm" 1<>"$D/ev"
} >/dev/null 2>&1 </dev/null

# A restore that hangs before it is held would hang for ever: it was not told
# to go and never will be, so CRIU and all it has made so far are killed.
give_up_restore() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.3
		over && return
	done
	read -r criu was <"$D/criu"
	is_there "$criu" "$was" && kill_below "$criu"
}

# kill_below PID: it and all its descendants.
kill_below() {
	kill -STOP "$1"
	for children in "/proc/$1/task"/*/children; do
		read -r below <"$children"
		for child in $below; do
			(kill_below "$child")
		done
	done
	kill -KILL "$1"
}

# It runs, and lacks memory that was to be put in place meanwhile.
half_filled() {
	[ -e "$D/s.fills" ] && [ ! -e "$D/s.filled" ]
}

# Its CRIU has ended, however.
over() {
	set -- "$D"/s.exit-*
	[ -e "$1" ]
}

decide() {
	choose "$1" decision
	echo "$1" 1<>"$D/ctl"
	if [ -e "$D/decision" ]; then
		read -r word <"$D/decision"
		echo "decision $word"
	fi
}

# launch WHAT: begin it, once.
launch() {
	mkdir "$D/launched" 2>/dev/null || return
	echo "state launched"
	! images || [ ! -e "$I/.room" ] || rm -f "$I/.room" >/dev/null 2>&1 &
	begin "$1"
}

# begin WHAT: a keeper for it, in a session of its own.  Whoever looks next must find that one named, not the one
# before it, which is dead: else it is taken for dead as well, and another begins beside it.
begin() {
	setsid sh "$D/hand" keep "$D" "$1" </dev/null >/dev/null 2>&1 &
	[ -s "$D/keeper" ] || { start_of $! && put keeper "$! $start"; }
}

serve() {
	while read -r word rest; do
		case $word in
		renew)
			read -r up _ </proc/uptime
			echo "$up" 1<>"$D/lease"
			;;
		round)
			if [ -e "$D/round-$rest" ]; then
				read -r said <"$D/round-$rest" && echo "state round $rest $said"
			elif ! at_round; then
				setsid sh "$D/hand" round "$D" "$rest" </dev/null >/dev/null 2>&1 &
				# Until it says so itself.
				[ -e "$D/rounding" ] || { start_of $! && echo "$! $start" >"$D/rounding"; }
			fi
			;;
		warm) warm "${rest% *}" "${rest#* }" & ;;
		unwarm) images && rm -f "$I/.warm" ;;
		freeze) launch dump ;;
		received) arrived received ;;
		again)
			# Whoever asks may be late: what runs is not touched, and of
			# two who ask only one restores.
			# But for one that runs without all of its memory, and nobody there to see
			# to that: it is killed first.
			if { [ -e "$D/s.running" ] && ! half_filled; } || ! over || ! rmdir "$D/launched" 2>/dev/null; then
				continue
			fi
			if ! over; then
				# Another's restore began since that was looked at.
				mkdir "$D/launched"
				continue
			fi
			if half_filled; then
				[ ! -e "$D/s.running" ] || state anew
				sh "$D/hand" lazy "$D" unfill </dev/null >/dev/null 2>&1
			fi
			end_tree
			rm -rf "$D/s.lost" "$D/s.held" "$D/s.went" "$D/s.same" "$D/s.differs" "$D/differs" "$D/tree"
			# Unless it was aborted or dropped meanwhile.
			mkdir "$D/launched" 2>/dev/null || continue
			echo "state launched"
			rm -f "$D/keeper" "$D"/s.exit-*
			begin restore
			;;
		commit | go) decide "$word" ;;
		abort)
			# What was not started will not be: nothing to wait for.
			if mkdir "$D/launched" 2>/dev/null; then
				state exit-never
			else
				echo "state launched"
			fi
			decide abort
			[ ! -e "$D/lazy" ] || sh "$D/hand" lazy "$D" aborted </dev/null
			read -r role <"$D/role"
			[ "$role" = dest ] && (give_up_restore) >/dev/null 2>&1 </dev/null &
			;;
		discard) sh "$D/hand" lazy "$D" discard </dev/null ;;
		joined) state joined ;;
		port) echo "$rest" >"$D/port" && echo "state port" ;;
		kill)
			if [ -e "$D/lazy" ]; then
				sh "$D/hand" lazy "$D" kill </dev/null
				continue
			fi
			[ -e "$D/s.committed" ] || continue
			# Whoever asks may be late: what was restored here since is another tree.
			[ -e "$D/s.gone" ] || end_tree || continue
			state gone
			;;
		back)
			# Only after the dump has ended, and its keeper; again only after the last such restore has.
			if ! over || [ ! -e "$D/s.gone" ] || [ -e "$D/s.delivered" ] || [ -e "$D/s.returned" ]; then
				continue
			fi
			# Whoever took it may have been killed before it could say so.
			if [ -e "$D/s.returning" ] || older "$D/back" 10; then
				rmdir "$D/back" 2>/dev/null
			fi
			# Of two who ask only one restores, and none while another one's restore is at work.
			if ! mkdir "$D/back" 2>/dev/null || ! over; then
				continue
			fi
			touch "$D/launched"
			rm -f "$D/keeper" "$D"/s.exit-*
			state returning
			begin restore
			;;
		revoke)
			if [ -e "$D/lazy" ]; then
				sh "$D/hand" lazy "$D" revoke </dev/null
			elif [ ! -e "$D/s.committed" ] && over && state revoked; then
				resume_tree
			fi
			;;
		delivered) ! note_state delivered || echo "state delivered" ;;
		look)
			check_dir
			tell_states
			tell_live
			;;
		list)
			images && for file in "$I"/*; do
				[ -f "$file" ] && echo "image $(stat -c %s "$file") ${file##*/}"
			done
			echo listed
			;;
		size)
			bytes=0
			images && for file in "$I"/*.img "$I"/.part.*; do
				[ -f "$file" ] && bytes=$((bytes + $(stat -c %s "$file")))
			done
			echo "size $bytes"
			;;
		log)
			# What went wrong stands near its end, but not always.
			{
				[ "$(wc -c <"$D/criu.log")" -le 48000 ] || grep -a Error "$D/criu.log" | head -n 40 | cut -c 1-1000
				tail -c 48000 "$D/criu.log"
			} 2>/dev/null | sed 's/^/log /'
			echo
			echo logged
			;;
		drop)
			# Whoever holds `launched` may start a restore: take it first.
			was_launched=
			rmdir "$D/launched" 2>/dev/null && was_launched=1
			if mkdir "$D/launched" 2>/dev/null && { [ -n "$was_launched" ] || state exit-never; } && { [ ! -e "$D/s.running" ] || discarded; }; then
				clean
			fi
			;;
		clean) clean ;;
		esac
	done
}

case $mode in
stage) stage "$@" ;;
*) check_dir ;;
esac
if [ "$mode" = look ]; then
	tell_states
	tell_live
	exit
fi
# Another shell that serves may have been stopped: it goes on, and sees that nobody listens to it.
wake "$D/server"
start_of $$ && put server "$$ $start"
exec 3<>"$D/ev"
cat <&3 &
forwarder=$!
# Should this shell be killed, for want of memory say, the channel is to close:
# pferry then comes back.
# shellcheck disable=SC2016 # expanded there
sh -c 'while sleep 1 && kill -0 "$1"; do true; done; kill "$2"' pferry-watch $$ "$forwarder" </dev/null >/dev/null 2>&1 3>&- &
watch=$!
trap 'kill "$forwarder" "$watch" 2>/dev/null' EXIT
! images || echo "images $I"
tell_states
[ "$mode" = attach ] && tell_live
serve
