# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# snapshot.sh [careful]: every cgroup and every process of this host, at one moment.
# Changes nothing; works without privileges. common.sh goes in front.
#
# Output: the bytes "pferry-snapshot 1" NUL (whatever came before is login
# noise), then pairs KEY NUL VALUE NUL up to the key "end". No name, argument
# or path can hold a NUL, so none can be taken for another pair. Keys:
#   boot        boot id
#   hz, page    clock ticks per second, bytes per page
#   load        first word: load average over one minute
#   uptime      first word: seconds since boot, just before processes are read
#   hierarchy   the controllers field of the lines in PID/cgroup to go by:
#               empty for cgroup v2, else "name=systemd" or the like
#   u/UID       user name (the first 2000 only)
#   cgroup      a cgroup below the hierarchy's mount: "." or "./a/b"
#   PID/stat, PID/cmdline, PID/cgroup
#               content of these files of /proc, those of one process together,
#               stat first; cmdline once per argument, not at all for none.
#               A newline at the end may be there or not.
#   PID/status  the line "Uid: REAL EFFECTIVE SAVED FS"
#   fail        why there is no snapshot; no "end" follows
#   end         empty: all is there
# A process that ends meanwhile may lack some of its keys. Keys that are not
# known are to be skipped. This script's own shell is left out.
#
# Reading a process's arguments waits for whoever has them in a file that does
# not come. "careful", after a snapshot that did not end, goes on without those.
. parts/bound.sh

printf 'pferry-snapshot 1\0'
if ! cd /proc 2>/dev/null || ! [ -r self/stat ]; then
	printf 'fail\0/proc cannot be read\0'
	exit 1
fi
# Listed before any program of ours is started: those are not in it.
careful=${1-}
set -- [0-9]*
bound 25

# read_three PID...: three files of each. With -z a "line" is what lies between two
# NULs, and -Z puts one after the file's name: exactly the pairs, from a few runs of grep for all.
read_three() {
	# shellcheck disable=SC2086 # words
	printf '%s\n' "$@" | sed -e "/^$$\$/d" -e 's,.*,&/stat &/cmdline &/cgroup,' | xargs grep $options '' 2>/dev/null
}

# Each pair at once, so that none is cut; and through what can be killed.
read_three_away() {
	options='-szZaH --line-buffered'
	read_three "$@" | cat
}

# watch_reading JOB: whose arguments a program of that job reads, if it did a second ago too; then all of the job ends.
watch_reading() {
	read -r self _ </proc/self/stat
	spared='' was=''
	while sleep 1 >/dev/null 2>&1; do
		at=$(fds_below "$1" | sed -n 's,.*/proc/\([0-9]*\)/cmdline$,\1,p' | head -n 1)
		if [ -n "$at" ] && [ "$at" = "$was" ]; then
			echo "$at"
			end_below "$1"
			exit
		fi
		was=$at
	done
}

# fds_below PID: what is open in the programs below it.
fds_below() {
	for kids in "/proc/$1/task"/*/children; do
		below=
		read -r below <"$kids"
		for kid in $below; do
			readlink "/proc/$kid/fd"/*
			(fds_below "$kid")
		done
	done
} 2>/dev/null

arguments() {
	if [ -n "$careful" ]; then
		within 2 arguments_away "$1"
	else
		tr '\0' ' ' <"$1/cmdline"
	fi
}

arguments_away() {
	tr '\0' ' ' <"$1/cmdline" | cat
}

# read_around PID...: the same without the arguments of those that hold it up.
read_around() {
	exec 3>&1
	tries=0
	while [ $# -gt 0 ]; do
		held=$(
			read_three_away "$@" >&3 3>&- </dev/null &
			job=$!
			watch_reading "$job" 3>&- </dev/null 2>/dev/null &
			watcher=$!
			wait "$job"
			kill "$watcher"
		)
		[ -n "$held" ] || break
		tries=$((tries + 1))
		while [ $# -gt 0 ] && [ "$1" != "$held" ]; do
			shift
		done
		[ "$tries" -lt 6 ] || held="$*"
		for p in $held; do
			printf '%s/stat\0%s\0' "$p" "$(cat "$p/stat")"
			printf '%s/cgroup\0%s\0' "$p" "$(cat "$p/cgroup")"
		done 2>/dev/null
		[ "$tries" -lt 6 ] || break
		shift
	done
}

# look PID...: all pairs of the above, those of these processes at the end.
look() {
	{ read -r v </proc/sys/kernel/random/boot_id; } 2>/dev/null || v=
	printf 'boot\0%s\0' "$v"
	printf 'hz\0%s\0' "$(getconf CLK_TCK 2>/dev/null || echo 100)"
	printf 'page\0%s\0' "$(getconf PAGESIZE 2>/dev/null || echo 4096)"
	# A first word is enough of a name, and ":" ends it in passwd.
	{ getent passwd 2>/dev/null || cat /etc/passwd; } 2>/dev/null |
		sed -n -e '1,2000s/^\([^:]*\):[^:]*:\([0-9][0-9]*\):.*/u\/\2:\1/p' -e 2000q | tr ':\n' '\0\0'

	# Version 2 where it is the host's own hierarchy, else systemd's, else the
	# first with a name, else the first there is.
	hier='' top='' rank=0
	while read -r _ dir type opts _; do
		case $type,$dir,$opts, in
		cgroup2,/sys/fs/cgroup,*) r=5 h='' ;;
		cgroup,*,name=systemd,*) r=4 h=name=systemd ;;
		cgroup,*,name=*) r=3 h=name=${opts##*,name=} h=${h%%,*} ;;
		cgroup2,*) r=2 h='' ;;
		cgroup,*) r=1 h=${dir##*/} ;;
		*) continue ;;
		esac
		[ "$r" -le "$rank" ] || rank=$r hier=$h top=$dir
	done 2>/dev/null <self/mounts
	printf 'hierarchy\0%s\0' "$hier"
	[ -z "$top" ] || (cd "$top" 2>/dev/null && find . -type d -exec printf 'cgroup\0%s\0' {} + 2>/dev/null)

	{ read -r v _ <loadavg; } 2>/dev/null && printf 'load\0%s\0' "$v"
	{ read -r v _ <uptime; } 2>/dev/null && printf 'uptime\0%s\0' "$v"

	if [ "$(printf x | grep -szZaH '' - 2>/dev/null | tr '\0' /)" = '(standard input)/x/' ]; then
		if [ -n "$careful" ]; then
			read_around "$@"
		else
			options=-szZaH
			read_three "$@"
		fi
		printf '%s\n' "$@" | sed -e "/^$$\$/d" -e 's,$,/status,' |
			xargs grep -sZaHm 1 '^Uid:' 2>/dev/null | tr '\n' '\0'
	else
		for p; do
			[ "$p" != $$ ] || continue
			v=$(cat "$p/stat") || continue
			printf '%s/stat\0%s\0' "$p" "$v"
			v=$(arguments "$p") && [ -n "$v" ] && printf '%s/cmdline\0%s\0' "$p" "$v"
			v=$(cat "$p/cgroup") && printf '%s/cgroup\0%s\0' "$p" "$v"
			v=$(grep '^Uid:' "$p/status") && printf '%s/status\0%s\0' "$p" "$v"
		done 2>/dev/null
	fi
	printf 'end\0\0'
}

# What is written together goes in one packet, and each costs work at both ends:
# so dd waits for large blocks.
look "$@" | dd ibs=32768 obs=65536 2>/dev/null
