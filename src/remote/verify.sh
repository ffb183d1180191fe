# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# verify.sh: whether this host has what a process needs that would come here.
# Changes nothing; the picture of the other CPU lies in a directory of its
# own, in /run where one may, for a moment.
#
# Reads lines:   pid N     is this pid or thread id taken?
#                file PATH what is here under that name?
#                cpu OCTAL...  a cpuinfo image of CRIU's: does this CPU do?
#                unix PATH is there a socket of that name?
#                place PATH of a socket: who could put something else there?
#                user N, group N   whose is that number here?
#                cgroup N:LIST:PATH   would that cgroup be frozen here?
#                port N    (hex) is something listening on that TCP port?
#                end
# Prints, between "pferry-verify 2" and "end":
#   taken N NAME                      by a process of that name
#   file MODE INODE SIZE MTIME MAJOR:MINOR PATH   as inspect.sh; what is missing has no line
#   node DEVICE UID GID               after each of those
#   symlink PATH                      PATH is a symbolic link here, and a name asked for, or on the way to one
#   frozen CGROUP                     one of those is, or one above it
#   cpu STATUS TEXT                   what `criu cpuinfo check` said, 0 when it will do
#   socket PATH                       it is there
#   open UID DIR; sticky DIR          on the way to one of those sockets: what that user, or for others'
#                                     sockets whoever owns them, can put something else in the place of
#   user-name N NAME; group-name N NAME   as inspect.sh
#   listens PORT ADDRESS             as /proc/net/tcp has it
#   room space DEVICE BLOCKS UNIT DIRECTORY   where a directory for those files lies, the
#                                     nearest that is there, and the blocks that are free
#   lib DIRECTORY                        the one that moves have their directories in
#   room KB DIRECTORY; mem KB
#   deaf TYPE NAME; late PROGRAM...   as inspect.sh
. parts/criu.sh
. parts/bound.sh
. parts/names.sh
. parts/people.sh
. parts/moves.sh
. parts/frozen.sh

echo "pferry-verify 2"

files='' part='' cgroups='' sockets='' places='' cpu='' ports=' ' users='' groups=''
while IFS= read -r line; do
	value=${line#* }
	case $line in
	'pid '*)
		if [ -e "/proc/$value" ]; then
			name=
			read -r name <"/proc/$value/comm"
			printf 'taken %s %s\n' "$value" "$name"
		fi
		;;
	'file '*)
		# Of many names, all would be copied for each.
		part="$part$value
"
		[ ${#part} -lt 8192 ] || files=$files$part part=
		;;
	'cpu '*) cpu=$value ;;
	'unix '*) sockets="$sockets$value
" ;;
	'place '*) places="$places$value
" ;;
	'cgroup '*) cgroups="$cgroups$value
" ;;
	'port '*) ports="$ports$value " ;;
	'user '*) users="$users $value" ;;
	'group '*) groups="$groups $value" ;;
	end) break ;;
	esac
done
files=$files$part
. parts/scratch.sh

leaving=unscratch
# Not before: what it starts has pids, too.
bound 45
# What CRIU puts into a frozen cgroup stands still, and CRIU waits for it.
find_freezers
printf '%s' "$cgroups" | {
	! frozen_among || printf 'frozen %s\n' "$frozen"
}
# Not the shell itself: it is to outlive those that ask.
which_sockets() {
	while IFS= read -r path; do
		[ ! -S "$path" ] || printf 'socket %s\n' "$path"
	done
}
# CRIU makes sockets as root, by name, and gives them their owner and mode by name too: whoever can
# put something else there meanwhile turns that on files of others.
open_places() {
	# A link on the way stands for what it leads to, which is on the way too.
	places=$(printf '%s' "$places" | while IFS= read -r path; do
		printf '%s\n' "$path"
		real=$(cd -P "${path%/*}/" 2>/dev/null && pwd -P) && [ "${real%/}" = "${path%/*}" ] || [ -z "$real" ] || printf '%s\n' "${real%/}/${path##*/}"
	done | sort -u)
	printf '%s\n' "$places" | awk '{ n = split($0, part, "/"); path = ""
		if (!seen["/"]++) print "/"
		for (i = 2; i < n; i++) { path = path "/" part[i]; if (!seen[path]++) print path } }' |
		tr '\n' '\000' | xargs -0 stat -L -c 'way %u %g %a %n' -- 2>/dev/null
	printf '%s\n' "$places" | sed 's/^/at /'
}
which_open() {
	open_places | awk '
		function digit(mode, from_end) { return length(mode) < from_end ? 0 : substr(mode, length(mode) - from_end + 1, 1) + 0 }
		function writes(n) { return n % 4 >= 2 }
		function others(dir) { return uid[dir] != 0 || writes(digit(mode[dir], 1)) || (writes(digit(mode[dir], 2)) && gid[dir] != 0) }
		function sticky(dir) { return uid[dir] == 0 && digit(mode[dir], 4) % 2 == 1 }
		$1 == "way" { name = $0; sub(/^way [^ ]* [^ ]* [^ ]* /, "", name); uid[name] = $2; gid[name] = $3; mode[name] = $4; next }
		{
			sub(/^at /, "")
			n = split($0, part, "/")
			dir = "/"
			for (i = 2; i <= n && dir in uid; i++) {
				below = (dir == "/" ? "" : dir) "/" part[i]
				if (i == n) {
					if (sticky(dir)) { if (!told[dir]++) print "sticky", dir }
					else if (others(dir) && !told[dir]++) print "open", uid[dir], dir
				} else if (others(dir) && !(sticky(dir) && (!(below in uid) || uid[below] == 0)) && !told[below]++)
					print "open", (uid[dir] != 0 ? uid[dir] : uid[below] + 0), below
				dir = below
			}
		}' | head -n 16
}
[ -z "$sockets" ] || printf '%s' "$sockets" | within 5 which_sockets || echo "deaf - the place of a socket"
[ -z "$places" ] || within 5 which_open
[ -z "$files" ] || printf '%s' "$files" | look_at '' /proc/self/mountinfo
# The kernel's names at the source have no links in them.
links_among() {
	awk '{ n = split($0, part, "/"); path = ""
		for (i = 2; i <= n; i++) { path = path "/" part[i]; if (!seen[path]++) print path } }' |
		tr '\n' '\000' | xargs -0 stat -c '%f %n' -- 2>/dev/null | sed -n 's/^a... /symlink /p'
}
[ -z "$files" ] || printf '%s' "$files" | within 5 links_among
# shellcheck disable=SC2086 # numbers
names_of user-name passwd subuid $users
# shellcheck disable=SC2086
names_of group-name group subgid $groups
if [ "$ports" != ' ' ]; then
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v want="$ports" '$4 == "0A" {
		split($2, a, ":"); if (index(want, " " a[2] " ") && !seen[$2]++) print "listens", a[2], a[1] }'
fi
if [ -n "$cpu" ]; then
	find_criu
	if [ -n "$criu" ] && take_scratch; then
		# shellcheck disable=SC2059 # the format is the image, in octal
		printf "$(printf '%s' "$cpu" | tr -cd '0-7 ' | sed 's/ *\([0-7]\{3\}\)/\\\1/g')" >"$d/cpuinfo.img"
		own=
		[ "$(id -u)" = 0 ] || own=--unprivileged
		# shellcheck disable=SC2086 # none or one word
		said=$(criu_run "$criu" cpuinfo check $own -D "$d" -W "$d" 2>&1 </dev/null)
		printf 'cpu %s %s\n' $? "$(printf '%s' "$said" | grep -a Error | tr '\n' ';' | cut -c 1-300)"
		rm -rf "$d"
	fi
fi
moves_dir
echo "lib $lib"
# spaces: where directories for the files lie, and the blocks that are free there.
spaces() {
	while IFS= read -r dir; do
		while [ -n "$dir" ] && [ ! -d "$dir" ]; do
			dir=${dir%/*}
		done
		printf '%s\n' "${dir:-/}"
	done | sort -u | tr '\n' '\000' | xargs -0 sh -c 'stat -L -c "device %d %n" -- "$@"; stat -f -c "free %a %S %n" -- "$@"' sh 2>/dev/null | awk '
		$1 == "device" { name = $0; sub(/^[^ ]* [^ ]* /, "", name); device[name] = $2 }
		$1 == "free" { name = $0; sub(/^[^ ]* [^ ]* [^ ]* /, "", name); if (name in device) print "room space", device[name], $2, $3, name }'
}
{
	printf '%s/x\n' "$lib"
	printf '%s' "$files"
} | sed 's,/[^/]*$,,' | sort -u | within 5 spaces
room /dev/shm "$lib"
awk '$1 == "MemAvailable:" { print "mem", $2 }' /proc/meminfo
echo end
