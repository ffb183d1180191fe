# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# verify.sh: whether this host has what a process needs that would come here.
# Changes nothing; the picture of the other CPU lies in a directory of /run for
# a moment.
#
# Reads lines:   pid N     is this pid or thread id taken?
#                file PATH what is here under that name?
#                cpu OCTAL...  a cpuinfo image of CRIU's: does this CPU do?
#                unix PATH is there a socket of that name?
#                port N    (hex) is something listening on that TCP port?
#                end
# Prints, between "pferry-verify 2" and "end":
#   taken N NAME                      by a process of that name
#   file MODE INODE SIZE MTIME MAJOR:MINOR PATH   as inspect.sh; what is missing has no line
#   cpu STATUS TEXT                   what `criu cpuinfo check` said, 0 when it will do
#   socket PATH                       it is there
#   listens PORT ADDRESS             as /proc/net/tcp has it
#   room KB DIRECTORY; mem KB
echo "pferry-verify 2"
files='' part='' cpu='' ports=' '
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
	'unix '*) [ ! -S "$value" ] || printf 'socket %s\n' "$value" ;;
	'port '*) ports="$ports$value " ;;
	end) break ;;
	esac
done
printf '%s%s' "$files" "$part" | tr '\n' '\000' | xargs -0 stat -L -c 'file %f %i %s %Y %t:%T %n' -- 2>/dev/null
if [ "$ports" != ' ' ]; then
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v want="$ports" '$4 == "0A" {
		split($2, a, ":"); if (index(want, " " a[2] " ") && !seen[$2]++) print "listens", a[2], a[1] }'
fi
if [ -n "$cpu" ]; then
	criu=$(command -v criu) || for criu in /usr/sbin/criu /usr/local/sbin/criu /opt/criu/sbin/criu ''; do
		[ -n "$criu" ] && [ -x "$criu" ] && break
	done
	d=
	[ -z "$criu" ] || d=$(mktemp -d /run/pferry-cpu.XXXXXX 2>/dev/null || mktemp -d)
	if [ -n "$d" ]; then
		# Whatever ends us, nothing stays.
		trap 'rm -rf "$d"' EXIT
		trap 'exit 1' HUP INT TERM PIPE
		# shellcheck disable=SC2059 # the format is the image, in octal
		printf "$(printf '%s' "$cpu" | tr -cd '0-7 ' | sed 's/ *\([0-7]\{3\}\)/\\\1/g')" >"$d/cpuinfo.img"
		own=
		[ "$(id -u)" = 0 ] || own=--unprivileged
		# shellcheck disable=SC2086 # none or one word
		said=$("$criu" cpuinfo check $own -D "$d" -W "$d" 2>&1 </dev/null)
		printf 'cpu %s %s\n' $? "$(printf '%s' "$said" | grep -a Error | tr '\n' ';' | cut -c 1-300)"
		rm -rf "$d"
	fi
fi
lib=/var/lib
[ "$(id -u)" = 0 ] || lib=$HOME
for dir in /dev/shm "$lib"; do
	[ -d "$dir" ] && df -Pk "$dir" 2>/dev/null | awk -v dir="$dir" 'NR == 2 { print "room", $4, dir }'
done
awk '$1 == "MemAvailable:" { print "mem", $2 }' /proc/meminfo
echo end
