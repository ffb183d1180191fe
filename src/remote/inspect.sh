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
#   tid PID TID...                its threads
#   nspid TID                     one in its own pid namespace, if that is another
#   link /proc/PID/fd/N MODE TARGET     also exe cwd root ns/NAME; MODE of an fd: 500 reads, 300 writes
#   self NAME TARGET              this login's own namespace, to compare
#   fdinfo PID N KEY VALUE        a lock, a watch, a terminal's index, a file on a mount that is not its own
#   map PID RANGE PERMISSIONS PATH      a mapped file, once
#   code PID                      the first of its memory that may be executed is shared, and cannot be written
#   shared KB                     the memory that they share, or may, and that no file has: the most there can be
#   file MODE INODE SIZE MTIME MAJOR:MINOR PATH
#                                 a file, directory or device it uses, once (numbers of MODE and device in hex)
#   ghost SIZE LINKS INODE PATH   a deleted file, by its path in /proc
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
root=$1
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

paths stat | xargs grep -asH '' | sed 's,^/proc/\([0-9]*\)/stat:,stat \1 ,'
paths status | xargs grep -asHE '^(Uid|Gid|TracerPid|Seccomp|Groups|CapBnd|RssAnon|RssShmem|VmSwap|HugetlbPages|NSpid|NSsid):' |
	sed -e 's,^/proc/\([0-9]*\)/status:,status \1 ,' -e 's/	/ /g'
paths cgroup | xargs grep -asH '' | sed 's,^/proc/\([0-9]*\)/cgroup:,cgroup \1 ,'
paths attr/current | xargs grep -asH '' 2>/dev/null | tr -d '\000' | sed 's,^/proc/\([0-9]*\)/attr/current:,label \1 ,'
if [ "$(readlink "/proc/$root/ns/pid")" != "$(readlink /proc/self/ns/pid)" ]; then
	# shellcheck disable=SC2016 # expanded by that sh
	paths 'task/*/status' | xargs -n 1 sh -c 'grep -hs ^NSpid: $1' sh | awk '{ print "nspid", $NF }'
fi
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
maps=$(paths maps | xargs grep -asH -e '[/\[]' -e '^[^ ]* ..x' | awk '
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
	END { for (inode in size) all += size[inode]; printf "shared %d\n", all / 1024 }')
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
# "ghost PATH" for what is deleted, "named NAME" for what is only called so.
ghosts=$(printf '%s\n%s\n' "$links" "$maps" | awk '
	$1 == "link" { name = $0; sub(/^link [^ ]* [^ ]* /, "", name); path = $2 }
	$1 == "map" { name = $0; sub(/^map [^ ]* [^ ]* [^ ]* /, "", name); path = "/proc/" $2 "/map_files/" $3 }
	name ~ /^\// && name ~ / \(deleted\)$/ && name !~ /^\/(memfd:|dev\/zero|SYSV|anon_hugepage)/ { print path, name }' |
	head -n 20000 | while IFS= read -r line; do
		path=${line%% *}
		name=${line#* }
		# shellcheck disable=SC3013 # dash and busybox have it
		if [ "$prefix$name" -ef "$path" ]; then
			printf 'named %s\n' "$name"
		else
			echo "ghost $path"
		fi
	done 2>/dev/null)
{
	printf '%s\n%s\n%s\n' "$links" "$maps" "$sockets" | names | grep -v -e ' (deleted)$' -e "$(printf '\001')"
	printf '%s\n' "$ghosts" | sed -n 's/^named //p'
} | sort -u | head -n 20000 |
	sed "s,^,$prefix," | tr '\n' '\000' | xargs -0 stat -L -c 'file %f %i %s %Y %t:%T %n' -- 2>/dev/null
printf '%s\n' "$ghosts" | sed -n 's/^ghost //p' | xargs stat -L -c 'ghost %s %h %i %n' 2>/dev/null

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
			# Born of the tree since we began to look?
			up=$pid
			while [ "${up:-0}" -gt 1 ]; do
				case "$pids " in *" $up "*) break ;; esac
				up=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$up/status")
			done
			name=
			[ "${up:-0}" -gt 1 ] || { read -r name <"/proc/$pid/comm" && printf 'outside %s %s %s\n' "$pipe" "$pid" "$name"; }
		done 2>/dev/null
fi
lib=/var/lib
[ "$(id -u)" = 0 ] || lib=$HOME
for dir in /dev/shm "$lib"; do
	[ -d "$dir" ] && df -Pk "$dir" 2>/dev/null | awk -v dir="$dir" 'NR == 2 { print "room", $4, dir }'
done
awk '$1 == "MemAvailable:" { print "mem", $2 }' /proc/meminfo
echo end
