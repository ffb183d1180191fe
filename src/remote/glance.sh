# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# glance.sh PID...: of some processes what alone may keep them from moving, for
# the browser's field "movable".  Reads /proc only, with one program for all.
#
# Prints, between "pferry-glance 1" and "over", the effective capabilities of this
# login ("cap HEX"), then for each process lines as inspect.sh's, between
# "pferry-inspect 2" and "end": stat, status, cgroup, label, self, code, frozen, unit,
# unit-is, root, and of links and maps those that may tell.
. parts/bound.sh
. parts/frozen.sh

bound 20
echo "pferry-glance 1"
sed -n 's/^CapEff:[[:space:]]*/cap /p' /proc/self/status
pids=$*

. parts/paths.sh
. parts/owner.sh

# Without a find(1) that prints links it would be a program for each link.
if find /proc/self/fd -maxdepth 0 -printf '' 2>/dev/null; then
	# shellcheck disable=SC2016 # expanded by that sh
	links=$(paths fd ns | xargs sh -c 'find "$@" -maxdepth 1 -type l \( -lname "anon_inode:*" -o -lname "/dev/*" -o -lname "/secretmem*" \
		-o -lname "ipc:*" -o -lname "mnt:*" -o -lname "pid:*" -o -lname "user:*" \) -printf "link %p %m %l\0" 2>/dev/null' sh | tr '\n\0' '\001\n')
	{
		for ns in ipc mnt pid user; do
			echo "self $ns $(readlink "/proc/self/ns/$ns")"
		done
		printf '%s\n' "$links" | sed -n 's,^link [^ ]* [^ ]* \(/dev/.*\),\1,p' | sort -u | tr '\n' '\000' |
			xargs -0 stat -L -c 'file %f %i %s %Y %t:%T %n' -- 2>/dev/null
		paths stat | xargs grep -asH '' | sed 's,^/proc/\([0-9]*\)/stat:,stat \1 ,'
		paths status | xargs grep -asHE '^(Uid|Gid|TracerPid|NSpid|NSsid):' | sed -e 's,^/proc/\([0-9]*\)/status:,status \1 ,' -e 's/	/ /g'
		paths cgroup | xargs grep -asH '' | sed 's,^/proc/\([0-9]*\)/cgroup:,cgroup \1 ,'
		printf '%s\n' "$links"
		find_freezers
		for pid in $pids; do
			! frozen_by "$pid" || printf 'frozen %s %s\n' "$pid" "$frozen"
		done
		# shellcheck disable=SC2086 # numbers
		units $pids
		# shellcheck disable=SC2086
		pid_roots $pids
		paths maps | xargs grep -asH -e ' ..x' -e '/SYSV' | awk '{
			split($1, part, "/"); sub(/^maps:/, "", part[4])
			if ($2 ~ /^..x/ && !code[part[3]]++ && $2 ~ /^.-xs/) print "code", part[3]
			if ($6 ~ /^\/SYSV/) print "map", part[3], part[4], $2, $6 }'
	} | awk '
		$1 == "self" || $1 == "own-root" { common = common $0 "\n"; next }
		$1 == "file" { name = $0; sub(/^file [^ ]* [^ ]* [^ ]* [^ ]* [^ ]* /, "", name); file[name] = $0; next }
		$1 == "link" {
			split($2, part, "/"); name = $0; sub(/^link [^ ]* [^ ]* /, "", name)
			text[part[3]] = text[part[3]] $0 "\n" (name in file ? file[name] "\n" : ""); next
		}
		NF > 1 { text[$2] = text[$2] $0 "\n" }
		END { for (pid in text) printf "pferry-inspect 2\n%s%send\n", text[pid], common }'
fi
echo over
