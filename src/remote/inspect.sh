# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# inspect.sh PID: what a process and its descendants are made of, for the check
# before a move.  Reads /proc only; nothing of it touches the processes.  One
# program looks at all processes at once wherever that is possible.
#
# Prints lines, between "pferry-inspect 2" and "end"; a newline within a name
# that the process chose is shown as byte 1:
#   gone                          there is no such process
#   prefix DIR                    names below are to be looked up in DIR: it has another root
#   stat PID TEXT                 /proc/PID/stat (TEXT may go on in a line that looks the same)
#   status PID KEY: VALUE         some of /proc/PID/status
#   cgroup PID N:LIST:PATH        its cgroups
#   label PID TEXT                what a security module calls it
#   parent PID TEXT               /proc/PID/stat of its parent, of that one's and so on, nearest first
#   parent-pid PID N              the same one's pid in its innermost pid namespace
#   parent-args PID TEXT          what its parent was started with, byte 1 behind each word
#   respawn PID WHERE COMMAND     what starts it again: a line of /etc/inittab, or a hook of the tmux whose pane it is
#   unit PID MANAGER UNIT         the systemd unit that its cgroup is of: MANAGER is system, or a user's number
#   unit-is PID KEY=VALUE         what systemd says of it
#   unit-silent PID               it did not answer
#   unit-other PID OTHER NAME     a process of that unit that is not one of these
#   root PID DEVICE:INODE         its root directory; own-root: this login's
#   container PID RUNTIME NAME    the container that it, or a parent, is the first process of
#   tid PID TID...                its threads
#   nspid TID                     one in its own pid namespace, if that is another
#   link /proc/PID/fd/N MODE TARGET     also exe cwd root ns/NAME; MODE of an fd: 500 reads, 300 writes
#   ended PID                     it has no memory any more: it ended while it was looked at
#   self NAME TARGET              this login's own namespace, to compare
#   fdinfo PID N KEY VALUE        a lock, a watch, a terminal's index, a file on a mount that is not its own
#   map PID RANGE PERMISSIONS PATH      a mapped file, once
#   code PID                      the first of its memory that may be executed is shared, and cannot be written
#   shared KB                     the memory that they share, or may, and that no file has: the most there can be
#   file MODE INODE SIZE MTIME MAJOR:MINOR PATH
#                                 a file, directory or device it uses, once (numbers of MODE and device in hex)
#   node DEVICE UID GID           after each of those: what it lies on, and whose it is
#   disk BLOCKS UNIT PATH         what a large file takes on the disk, which holes do not
#   ghost SIZE LINKS INODE PATH   a deleted file, by its path in /proc
#   gone-dir INODE NAME           a deleted directory, by the name that it had
#   owner UID GID PATH            of those files, and the directories above, what is not all root's
#   user N WHO; group N WHO       a number of a process, its threads or sockets (WHO: process) or of such a file only (file)
#   user-name N NAME; group-name N NAME   whose it is here: a name, ~NAME for a subordinate id of NAME's
#   people-more                   there are more numbers
#   tcp STATE LOCAL REMOTE INODE WAITING  a TCP socket of its network namespace it holds
#   udp LOCAL REMOTE INODE        a UDP socket
#   sock KIND INODE PROTOCOL      another socket it holds: raw icmp netlink packet mptcp vsock
#   unix INODE TYPE STATE PEER PATH     PEER: its peer's inode, "-" when not known; the
#                                 directory of PATH has a "file" line too
#   forged INODE                  what the host lists of that unix socket, of the tree's or a peer, is
#                                 there twice: somebody has named a socket so that it looks like another's line
#   peer INODE PATH               the name of such a peer, when it has one
#   outside PIPE PID NAME         another process holds the other end of that pipe
#   room KB DIRECTORY             free space where images could lie
#   mem KB                        memory available on this host
#   frozen PID CGROUP             that cgroup keeps it frozen
#   stuck TID WHERE               one of its threads waits in the kernel, and cannot be stopped there
#   deaf TYPE NAME                that file system does not answer, or what has the NAME
#   late PROGRAM...               what it still waited for when its time was over
root=$1
. parts/bound.sh
. parts/frozen.sh

bound 45
echo "pferry-inspect 2"
if [ ! -d "/proc/$root" ]; then
	echo gone
	echo end
	exit
fi

pids=
queue=$root
n=0
while [ -n "$queue" ] && [ "$n" -lt 4096 ]; do
	next=
	for pid in $queue; do
		pids="$pids $pid"
		n=$((n + 1))
		for task in "/proc/$pid/task"/*/children; do
			children=
			read -r children <"$task"
			next="$next $children"
		done
	done
	queue=${next# }
	case $next in *[0-9]*) ;; *) queue= ;; esac
done 2>/dev/null

. parts/paths.sh
. parts/names.sh

stat_deleted() {
	xargs stat -L -c 'ghost %s %h %i %n' 2>/dev/null | cat
}
. parts/owner.sh
. parts/people.sh
. parts/moves.sh

paths stat | xargs grep -asH '' | sed 's,^/proc/\([0-9]*\)/stat:,stat \1 ,'
status=$(paths status | xargs grep -asHE '^(Uid|Gid|TracerPid|Seccomp|Groups|CapBnd|RssAnon|RssShmem|VmSwap|HugetlbPages|NSpid|NSsid):' |
	sed -e 's,^/proc/\([0-9]*\)/status:,status \1 ,' -e 's/	/ /g')
printf '%s\n' "$status"
paths cgroup | xargs grep -asH '' | sed 's,^/proc/\([0-9]*\)/cgroup:,cgroup \1 ,'
paths attr/current | xargs grep -asH '' 2>/dev/null | tr -d '\000' | sed 's,^/proc/\([0-9]*\)/attr/current:,label \1 ,'
if [ "$(readlink "/proc/$root/ns/pid")" != "$(readlink /proc/self/ns/pid)" ]; then
	# shellcheck disable=SC2016 # expanded by that sh
	paths 'task/*/status' | xargs -n 1 sh -c 'grep -hs ^NSpid: $1' sh | awk '{ print "nspid", $NF }'
fi
find_freezers
thread_cgroups | {
	! frozen_among || printf 'frozen %s %s\n' "$root" "$frozen"
}
# Who waits for a disk does so for a moment; who stays where it is cannot be taken hold of.
waiting() {
	# shellcheck disable=SC2016 # expanded by that sh
	paths 'task/*/status' | xargs sh -c 'grep -hsE "^(Pid|State|voluntary_ctxt_switches):" $*' sh |
		awk '$1 == "Pid:" { tid = $2 } $1 == "State:" { state = $2 } /^vol/ && state == "D" { print tid, $2 }'
}
stuck=$(waiting)
looks=0
while [ -n "$stuck" ] && [ "$looks" -lt 5 ]; do
	sleep 0.3
	stuck=$({ printf '%s\nagain\n' "$stuck"; waiting; } | awk '$0 == "again" { again = 1; next } !again { was[$0] = 1; next } $0 in was')
	looks=$((looks + 1))
done
[ -z "$stuck" ] || printf '%s\n' "$stuck" | while read -r tid _; do
	where=
	read -r where <"/proc/$tid/wchan"
	echo "stuck $tid ${where:-0}"
	break
done 2>/dev/null

# born_of_tree PID: a descendant of these, since we began to look; or gone.
born_of_tree() {
	up=$1
	while [ "${up:-0}" -gt 1 ]; do
		case "$pids " in *" $up "*) return ;; esac
		up=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$up/status")
	done
	[ -z "$up" ]
}

# tmux_hooks: those of the tmux server that is the parent, for the pane that the process runs in.
tmux_hooks() {
	socket=$(find "/proc/$parent/fd" -type l -exec readlink {} \; | sed -n 's/^socket:\[\([0-9]*\)\]$/\1/p' | awk '
		FNR == NR { mine[$0] = 1; next }
		$7 in mine && $8 ~ /^\// { sub(/^([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)/, ""); print; exit }' - /proc/net/unix)
	pane=$(tr '\000' '\n' <"/proc/$root/environ" | sed -n 's/^TMUX_PANE=\(%[0-9]*\)$/\1/p' | head -n 1)
	[ -n "$socket" ] || return
	# shellcheck disable=SC2016 # expanded by that sh
	as_user "$(stat -c %u "/proc/$parent")" "$(stat -c %g "/proc/$parent")" sh -c '
		for scope in -g -gw "-t$1" "-wt$1" "-pt$1"; do tmux -S "$0" show-hooks "$scope"; done' "$socket" "${pane:-%0}"
}

# Who started it, and who ends with it.
parents=
up=$root
n=0
while [ "$n" -lt 32 ]; do
	ppid=0
	while read -r key value; do
		[ "$key" != PPid: ] || { ppid=$value && break; }
	done <"/proc/$up/status"
	[ "$ppid" -gt 0 ] || break
	parents="$parents $ppid"
	up=$ppid
	n=$((n + 1))
done 2>/dev/null
if [ -n "$parents" ]; then
	# shellcheck disable=SC2086 # numbers
	printf '/proc/%s/stat\n' $parents | xargs grep -asH '' | sed 's,^/proc/\([0-9]*\)/stat:,parent \1 ,'
	# shellcheck disable=SC2086
	printf '/proc/%s/status\n' $parents | xargs grep -asH '^NSpid:' |
		sed 's,^/proc/\([0-9]*\)/status:.*[^0-9]\([0-9]*\)$,parent-pid \1 \2,'
	parent=${parents# }
	parent=${parent%% *}
	printf 'parent-args %s %s\n' "$parent" "$(tr '\000\n' '\001\001' <"/proc/$parent/cmdline" | cut -c 1-2000)"
	read -r name <"/proc/$parent/comm"
	if [ "$name" = 'tmux: server' ]; then
		tmux_hooks | grep respawn | head -n 1 | sed "s/^/respawn $root tmux /"
	elif [ "$parent" = 1 ] && [ -r /etc/inittab ]; then
		tr '\000' '\n' <"/proc/$root/cmdline" | awk -F : -v pid="$root" '
			FNR == NR { words[$0] = 1; next }
			$0 !~ /^[ \t]*#/ && $3 ~ /^(respawn|ondemand)$/ {
				command = $0; sub(/^[^:]*:[^:]*:[^:]*:/, "", command)
				split(command, word, " "); n = word[1] == "exec" ? 2 : 1; sub(/^[-@+]+/, "", word[n])
				if (word[n] in words) { print "respawn", pid, "/etc/inittab", command; exit }
			}' - /etc/inittab
	fi
fi 2>/dev/null
units "$root"
cgroup_of "$root"
unit_of "$cgroup"
case $unit in
*.service)
	for dir in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
		[ ! -e "$dir$below/cgroup.procs" ] || find "$dir$below" -name cgroup.procs -exec cat {} +
	done | sort -u | awk -v mine="$pids " '!index(mine, " " $1 " ") && n++ < 16' | while read -r pid; do
		born_of_tree "$pid" || { read -r name <"/proc/$pid/comm" && printf 'unit-other %s %s %s\n' "$root" "$pid" "$name"; }
	done
	;;
esac 2>/dev/null
pid_roots "$root"
# The states of runtimes that have no process of theirs beside the container's.
for pid in $root$parents; do
	for file in /run/runc/*/state.json /run/crun/*/status; do
		if [ -f "$file" ] && grep -qE '"(init_process_pid|pid)" *: *'"$pid"'[^0-9]' "$file"; then
			name=${file%/*}
			file=${file#/run/}
			printf 'container %s %s %s\n' "$pid" "${file%%/*}" "${name##*/}"
		fi
	done
done 2>/dev/null

for pid in $pids; do
	line=
	for task in "/proc/$pid/task"/*; do
		line="$line ${task##*/}"
	done
	echo "tid $pid$line"
done

if find /proc/self/fd -maxdepth 0 -printf '' 2>/dev/null; then
	links=$(paths fd ns exe cwd root | xargs sh -c 'find "$@" -maxdepth 1 -type l -printf "link %p %m %l\0" 2>/dev/null' sh | tr '\n\0' '\001\n')
else
	links=$(paths 'fd/*' 'ns/*' exe cwd root | while read -r pattern; do
		for link in $pattern; do
			target=$(readlink "$link") && printf 'link %s %s %s\0' "$link" "$(stat -c %a "$link")" "$target"
		done
	done 2>/dev/null | tr '\n\0' '\001\n')
fi
printf '%s\n' "$links"
# One whose program is not shown may have ended meanwhile: then it has no memory either.
printf '%s\n' "$links" | awk -v pids="$pids" '
	$2 ~ /\/exe$/ { split($2, part, "/"); seen[part[3]] = 1 }
	END { n = split(pids, pid, " "); for (i = 1; i <= n; i++) if (!(pid[i] in seen)) print pid[i] }' |
	while read -r pid; do
		grep -qs '^VmSize:' "/proc/$pid/status" || echo "ended $pid"
	done
for ns in cgroup ipc mnt net pid time user uts; do
	echo "self $ns $(readlink "/proc/self/ns/$ns")"
done
prefix=
case $links in
*"/proc/$root/ns/mnt "*" $(readlink /proc/self/ns/mnt)
"*) ;;
*)
	prefix=/proc/$root/root
	echo "prefix $prefix"
	;;
esac

# Mounts that a file may be on, then what is odd about each open file.
{
	printf '%s\n' "$links"
	paths fdinfo | xargs grep -rasHE '^(mnt_id:|lock:|inotify |fanotify |tty-index:)' 2>/dev/null
} | awk -v mounts="/proc/$root/mountinfo" '
		BEGIN { while ((getline line <mounts) > 0) { split(line, m, " "); known[m[1]] = 1 } }
		$1 == "link" {
			if ($4 ~ /^\// && $4 !~ /^\/(memfd:|SYSV|dev\/zero|anon_hugepage)/) { split($2, l, "/"); file[l[3] "/" l[5]] = $4 }
			next
		}
		{
			split($0, part, "/"); pid = part[3]
			at = index($0, "/fdinfo/"); rest = substr($0, at + 8)
			colon = index(rest, ":"); fd = substr(rest, 1, colon - 1); rest = substr(rest, colon + 1)
			colon = index(rest, ":"); key = substr(rest, 1, colon - 1); value = substr(rest, colon + 1)
			gsub(/[\t ]+/, " ", value); sub(/^ /, "", value); sub(/ .*/, "", key)
			if (key == "mnt_id") {
				if (!(value in known) && ((pid "/" fd) in file)) print "fdinfo", pid, fd, "mount", file[pid "/" fd]
				next
			}
			if (key ~ /notify/ && seen[pid "/" fd]++) next
			print "fdinfo", pid, fd, key, value
		}'

# CRIU runs its own code where the first that may be executed lies.
read_maps() {
	paths maps | xargs grep -asH -e '[/\[]' -e '^[^ ]* ..x' | awk '
	function hex(text, i, n) {
		for (i = 1; i <= length(text); i++) n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
		return n
	}
	$6 ~ /^\/memfd:/ || ($6 ~ /^\/(dev\/zero|SYSV|anon_hugepage)/ && $2 ~ /s$/) {
		range = $1; sub(/.*:/, "", range); split(range, part, "-")
		end = hex($3) + hex(part[2]) - hex(part[1])
		if (end > size[$5]) size[$5] = end
	}
	$2 ~ /^..x/ { file = $1; sub(/:.*/, "", file); if (!code[file]++ && $2 ~ /^.-xs/) { split(file, part, "/"); print "code", part[3] } }
	$6 != "" && $6 !~ /^\[(heap|stack|v|anon)/ {
	line = $0; sub(/^([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)/, "", line)
	if (seen[line]++) next
	split($1, part, "/"); sub(/^maps:/, "", part[4])
	print "map", part[3], part[4], $2, line }
	END { for (inode in size) all += size[inode]; printf "shared %d\n", all / 1024 }'
}
# Held for long by whoever changes it, and cannot.
maps=$(within 10 read_maps) || echo "deaf - the memory map of process $root"
printf '%s\n' "$maps"

# Sockets it holds, looked up in its network namespace.
sockets=
case $links in
*' socket:['*)
	# On input, for as an argument there may be too many: "want INODE" each.
	wanted=$(printf '%s\n' "$links" | sed -n 's/^link [^ ]* [^ ]* socket:\[\([0-9]*\)\]$/want \1/p' | sort -u)
	net=/proc/$root/net
	{
		printf '%s\n' "$wanted"
		for table in tcp tcp6 udp udp6 raw raw6 icmp icmp6 netlink packet; do
			[ ! -r "$net/$table" ] || echo "$net/$table"
		done | xargs grep -asH '' | sed -e 's/:/ /' -e 's,^[^ ]*/,,'
	} | awk '
		$1 == "want" { mine[$2] = 1; next }
		$1 == "netlink" { if ($11 in mine) print "sock netlink", $11, $3; next }
		$1 == "packet" { if ($10 in mine) print "sock packet", $10, $5; next }
		$11 in mine {
			if ($1 ~ /^tcp/) { split($6, q, ":"); print "tcp", $5, $3, $4, $11, q[2] }
			else if ($1 ~ /^udp/) print "udp", $3, $4, $11
			else print "sock", $1, $11, 0 }'
	ss=
	if command -v ss >/dev/null; then
		if [ "$(readlink "/proc/$root/ns/net")" = "$(readlink /proc/self/ns/net)" ]; then
			ss=ss
		elif command -v nsenter >/dev/null; then
			ss="nsenter -t $root -n ss"
		fi
	fi
	sockets=$({
		if [ -n "$ss" ]; then
			# The names in these lines may hold anything: from the end.
			$ss -xanH | awk '{ sub(/ +$/, "") }
				match($0, / [0-9]+ +[^ ]+ +[0-9]+$/) { split(substr($0, RSTART), f, " "); print "ss", f[1], f[3] }'
			for kind in mptcp vsock; do
				$ss -aneH --$kind | sed -n "s/.* ino:\([0-9]*\).*/odd $kind \1/p"
			done
		fi
		printf '%s\n' "$wanted"
		sed 's/^/unix /' "$net/unix"
	} | awk '
		$1 == "want" { mine[$2] = 1; next }
		$1 == "ss" { twice[$2] += $2 in peer; peer[$2] = $3; next }
		$1 == "odd" { odd[$3] = $2; next }
		# Of a name that holds newlines, what looks like no line of the table is left out.
		/^unix [0-9a-f]+: [0-9A-F]+ [0-9A-F]+ [0-9A-F]+ [0-9A-F][0-9A-F][0-9A-F][0-9A-F] [0-9A-F][0-9A-F] +[0-9]+( |$)/ {
			inode = $8; line = $0
			if (inode in mine) { type[inode] = $6; state[inode] = $7 }
			sub(/^unix ([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ +)([^ ]+ *)/, "", line)
			if (inode > 0) { twice[inode] += inode in name; name[inode] = line } }
		END {
			for (i in odd) if (i in mine) print "sock", odd[i], i, 0
			for (i in type) {
				p = i in peer ? peer[i] : "-"
				if (twice[i]) print "forged", i
				if (p in name && twice[p]) print "forged", p
				print "unix", i, type[i], state[i], p, name[i]
				if (p in name && name[p] != "") print "peer", p, name[p] } }')
	printf '%s\n' "$sockets"
	;;
esac 2>/dev/null

# names: the lines of links, maps and unix sockets on input -> the names in them, and
# the directories of the sockets.
names() {
	awk '$1 == "link" { sub(/^link [^ ]* [^ ]* /, ""); print; next }
		$1 == "map" { sub(/^map [^ ]* [^ ]* [^ ]* /, ""); print; next }
		$1 == "unix" { sub(/^unix [^ ]* [^ ]* [^ ]* [^ ]* /, ""); if (sub(/\/[^\/]*$/, "")) print }' | grep '^/'
}
# "ghost PATH" for what is deleted, and "gone-dir INODE NAME" if that is a directory, "named NAME" for what is only called so.
tell_deleted() {
	while IFS= read -r line; do
		path=${line%% *}
		name=${line#* }
		# shellcheck disable=SC3013 # dash and busybox have it
		if [ "$prefix$name" -ef "$path" ]; then
			printf 'named %s\n' "$name"
		else
			echo "ghost $path"
			[ ! -d "$path" ] || printf 'gone-dir %s %s\n' "$(stat -L -c %i "$path")" "${name% (deleted)}"
		fi
	done 2>/dev/null
}
ghosts=$(printf '%s\n%s\n' "$links" "$maps" | awk '
	$1 == "link" { name = $0; sub(/^link [^ ]* [^ ]* /, "", name); path = $2 }
	$1 == "map" { name = $0; sub(/^map [^ ]* [^ ]* [^ ]* /, "", name); path = "/proc/" $2 "/map_files/" $3 }
	name ~ /^\// && name ~ / \(deleted\)$/ && name !~ /^\/(memfd:|dev\/zero|SYSV|anon_hugepage)/ { print path, name }' |
	head -n 20000 | within 5 tell_deleted) || echo "deaf - a deleted file of process $root"
used=$({
	printf '%s\n%s\n%s\n' "$links" "$maps" "$sockets" | names | grep -v -e ' (deleted)$' -e "$(printf '\001')"
	printf '%s\n' "$ghosts" | sed -n 's/^named //p'
} | sort -u | head -n 20000)
printf '%s\n' "$used" | look_at "$prefix" "/proc/$root/mountinfo"

# Whose all that is: numbers, and the names they have here.
stat_owners() {
	awk '{ print; while (sub(/\/[^\/]*$/, "") && $0 != "" && !seen[$0]++) print }' | sort -u |
		sed "s,^,$prefix," | tr '\n' '\000' | xargs -0 stat -L -c 'owner %u %g %n' -- 2>/dev/null | grep -v '^owner 0 0 '
}
owners=$(printf '%s\n' "$used" | within 4 stat_owners)
printf '%s\n' "$owners"
# A socket is made anew there, as its owner's.
socket_owners() {
	awk '$1 == "unix" { sub(/^unix [^ ]* [^ ]* [^ ]* [^ ]* /, ""); print }' | grep '^/' | grep -v "$(printf '\001')" | head -n 4096 |
		sed "s,^,$prefix," | tr '\n' '\000' | xargs -0 stat -L -c 'made %u %g' -- 2>/dev/null | sort -u
}
# Each thread has numbers of its own.
thread_numbers() {
	# shellcheck disable=SC2016 # expanded by that sh
	paths task | xargs sh -c 'find "$@" -maxdepth 2 -name status -exec grep -hsE "^(Uid|Gid|Groups):" {} +' sh | sort -u | sed 's/^/thread /'
}
numbers=$({
	thread_numbers
	printf '%s\n' "$owners"
	printf '%s\n' "$sockets" | within 4 socket_owners
} | awk '
	function add(kind, number, who) {
		if (number !~ /^[0-9]+$/ || number == 0 || (kind, number) in seen) return
		seen[kind, number] = 1
		if (count++ < 1000) print kind, number, who
		else if (count == 1001) print "people-more"
	}
	$1 == "thread" && $2 == "Uid:" { for (i = 3; i <= NF; i++) add("user", $i, "process") }
	$1 == "thread" && $2 != "Uid:" { for (i = 3; i <= NF; i++) add("group", $i, "process") }
	$1 == "made" { add("user", $2, "process"); add("group", $3, "process") }
	$1 == "owner" { add("user", $2, "file"); add("group", $3, "file") }')
printf '%s\n' "$numbers"
# shellcheck disable=SC2046 # numbers
names_of user-name passwd subuid $(printf '%s\n' "$numbers" | sed -n 's/^user \([0-9]*\) .*/\1/p')
# shellcheck disable=SC2046
names_of group-name group subgid $(printf '%s\n' "$numbers" | sed -n 's/^group \([0-9]*\) .*/\1/p')
printf '%s\n' "$ghosts" | grep '^gone-dir '
printf '%s\n' "$ghosts" | sed -n 's/^ghost //p' | within 5 stat_deleted || echo "deaf - a deleted file of process $root"

# Whose other end stays behind: only of pipes that the tree holds one end of.
half=$(printf '%s\n' "$links" | awk '$4 ~ /^pipe:\[/ { if ($3 ~ /^[57]/) r[$4] = 1; if ($3 ~ /^[37]/) w[$4] = 1; all[$4] = 1 }
	END { for (p in all) if (!(p in r) || !(p in w)) print "half", p }')
if [ -n "$half" ]; then
	{
		printf '%s\n' "$half"
		if find /proc/self/fd -maxdepth 0 -printf '' 2>/dev/null; then
			find /proc/[0-9]*/fd -lname 'pipe:*' -printf '%p %l\n'
		else
			# What a file is called may look like such a line: asked again, each.
			printf '%s\n' /proc/[0-9]*/fd/* | xargs stat -c %N | tr -d "\`'" | sed -n 's,^\(/proc/[0-9]*/fd/[0-9]*\) -> pipe:.*,\1,p' |
				while read -r path; do
					echo "$path $(readlink "$path")"
				done
		fi 2>/dev/null
	} |
		awk -v mine="$pids " '$1 == "half" { want[$2] = 1; next }
			$2 in want { split($1, part, "/"); if (!index(mine, " " part[3] " ") && !seen[$2]++) print $2, part[3] }' |
		while read -r pipe pid; do
			name=
			born_of_tree "$pid" || { read -r name <"/proc/$pid/comm" && printf 'outside %s %s %s\n' "$pipe" "$pid" "$name"; }
		done 2>/dev/null
fi
moves_dir
room /dev/shm "$lib"
awk '$1 == "MemAvailable:" { print "mem", $2 }' /proc/meminfo
echo end
