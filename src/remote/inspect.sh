# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# inspect.sh PID: what a process and its descendants are made of, for the check
# before a move.  Reads /proc only; nothing of it touches the processes.
#
# Prints lines, between "pferry-inspect 1" and "end":
#   gone                          there is no such process
#   proc PID PPID START STATE PGID SID TTY THREADS KTHREAD NAME
#   tid PID TID...                its threads
#   fd PID N TARGET               an open file, as /proc shows it
#   exe|cwd|root PID TARGET
#   file TYPE INODE SIZE MTIME LINKS PATH
#                                 a file, directory or device it uses, once
#   lost PATH                     one that cannot be found under its name
#   ns PID NAME                   a namespace that is not this login's
#   lock PID INODE                it holds a file lock
#   tcp STATE LOCAL REMOTE INODE  a TCP socket of its network namespace it holds
#   sock KIND INODE               another socket it holds: udp unix netlink packet
#   unix-peer INODE PEER          (unix sockets, where ss is there)
#   trace PID TRACER              a debugger is on it
#   seccomp PID MODE
#   anon KB                       memory that a dump writes, about, in all
#   room KB DIRECTORY             free space where images could lie
#   mem KB                        memory available on this host
root=$1
echo "pferry-inspect 1"
if [ ! -d "/proc/$root" ]; then
	echo gone
	echo end
	exit
fi

descend() {
	echo "$1"
	for task in "/proc/$1/task"/*/children; do
		children=
		read -r children <"$task"
		for child in $children; do
			(descend "$child")
		done
	done
} 2>/dev/null

pids=$(descend "$root" | head -n 4096)
for pid in $pids; do
	stat=$(cat "/proc/$pid/stat") || continue
	name=${stat#*\(}
	name=$(printf '%s' "${name%)*}" | tr '\n' '?')
	flags=$(printf '%s' "${stat##*) }" | cut -d ' ' -f 7)
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	kthread=$(((flags / 2097152) % 2))
	echo "proc $pid $2 ${20} $1 $3 $4 $5 ${18} $kthread $name"
	echo "tid $pid $(cd "/proc/$pid/task" && echo *)"
	for link in exe cwd root; do
		target=$(readlink "/proc/$pid/$link") && echo "$link $pid $target"
	done
	if find "/proc/$pid/fd" -maxdepth 0 -printf '' 2>/dev/null; then
		find "/proc/$pid/fd" -mindepth 1 -printf "fd $pid %f %l\n"
	else
		for fd in "/proc/$pid/fd"/*; do
			echo "fd $pid ${fd##*/} $(readlink "$fd")"
		done
	fi
	for ns in cgroup ipc mnt net pid user uts; do
		[ "$(readlink "/proc/$pid/ns/$ns")" = "$(readlink "/proc/self/ns/$ns")" ] || echo "ns $pid $ns"
	done
	awk -v pid="$pid" '
		$1 == "TracerPid:" && $2 > 0 { print "trace", pid, $2 }
		$1 == "Seccomp:" && $2 > 0 { print "seccomp", pid, $2 }
		$1 == "RssAnon:" || $1 == "RssShmem:" || $1 == "VmSwap:" { anon += $2 }
		END { print "part", anon + 0 }' "/proc/$pid/status"
done 2>/dev/null | awk '$1 == "part" { anon += $2; next } { print } END { print "anon", anon + 0 }'

# Files: mapped, executed, worked in, open.  Each once.
for pid in $pids; do
	awk '$6 ~ /^\// { sub(/^([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)/, ""); print }' "/proc/$pid/maps"
	for link in exe cwd root; do
		readlink "/proc/$pid/$link"
	done
	for fd in "/proc/$pid/fd"/*; do
		readlink "$fd"
	done
done 2>/dev/null | grep '^/' | sort -u | head -n 20000 | while IFS= read -r path; do
	stat -L -c "file %F|%i %s %Y %h %n" -- "$path" 2>/dev/null || echo "lost $path"
done | sed -e 's/^file regular empty file|/file f /' -e 's/^file regular file|/file f /' -e 's/^file directory|/file d /' \
	-e 's/^file character special file|/file c /' -e 's/^file block special file|/file b /' \
	-e 's/^file fifo|/file p /' -e 's/^file [^|]*|/file ? /'

# Locks, by owner.
# shellcheck disable=SC2086
all=$(printf '%s ' $pids)
while read -r _ _ _ _ pid where _; do
	case " $all " in
	*" $pid "*) echo "lock $pid ${where##*:}" ;;
	esac
done </proc/locks

# Sockets it holds, looked up in its network namespace.
inodes=$(for pid in $pids; do
	for fd in "/proc/$pid/fd"/*; do
		readlink "$fd"
	done
done 2>/dev/null | sed -n 's/^socket:\[\([0-9]*\)\]$/\1/p' | sort -u | tr '\n' ' ')
if [ -n "$inodes" ]; then
	net=/proc/$root/net
	for table in tcp tcp6 udp udp6 raw raw6; do
		[ -r "$net/$table" ] || continue
		awk -v want=" $inodes" -v table="$table" 'index(want, " " $10 " ") {
			if (table ~ /^tcp/) print "tcp", $4, $2, $3, $10
			else print "sock", table, $10 }' "$net/$table"
	done
	awk -v want=" $inodes" 'index(want, " " $7 " ") { print "sock unix", $7, $6, $8 }' "$net/unix"
	awk -v want=" $inodes" 'index(want, " " $10 " ") { print "sock netlink", $10 }' "$net/netlink"
	awk -v want=" $inodes" 'index(want, " " $9 " ") { print "sock packet", $9 }' "$net/packet"
	if command -v ss >/dev/null 2>&1; then
		ss -xnpH 2>/dev/null | awk -v want=" $inodes" '{
			local = $6; peer = $8
			if (index(want, " " local " ")) print "unix-peer", local, peer }'
	fi
fi 2>/dev/null
for dir in /dev/shm /var/lib; do
	[ -d "$dir" ] && df -Pk "$dir" 2>/dev/null | awk -v dir="$dir" 'NR == 2 { print "room", $4, dir }'
done
awk '$1 == "MemAvailable:" { print "mem", $2 }' /proc/meminfo
echo end
