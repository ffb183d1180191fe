# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# verify.sh: whether this host has what a process needs that would come here.
# Changes nothing.
#
# Reads lines:   pid N     is this pid or thread id taken?
#                file PATH what is here under that name?
#                end
# Prints, between "pferry-verify 1" and "end":
#   taken N NAME                      by a process of that name
#   file TYPE INODE SIZE MTIME PATH   as inspect.sh
#   missing PATH
#   room KB DIRECTORY; mem KB
echo "pferry-verify 1"
while IFS= read -r line; do
	value=${line#* }
	case $line in
	'pid '*)
		if [ -e "/proc/$value" ]; then
			name=
			read -r name <"/proc/$value/comm"
			echo "taken $value $name"
		fi
		;;
	'file '*)
		stat -L -c "file %F|%i %s %Y %h %n" -- "$value" 2>/dev/null || echo "missing $value"
		;;
	end) break ;;
	esac
done | sed -e 's/^file regular empty file|/file f /' -e 's/^file regular file|/file f /' -e 's/^file directory|/file d /' \
	-e 's/^file character special file|/file c /' -e 's/^file block special file|/file b /' \
	-e 's/^file fifo|/file p /' -e 's/^file [^|]*|/file ? /'
for dir in /dev/shm /var/lib; do
	[ -d "$dir" ] && df -Pk "$dir" 2>/dev/null | awk -v dir="$dir" 'NR == 2 { print "room", $4, dir }'
done
awk '$1 == "MemAvailable:" { print "mem", $2 }' /proc/meminfo
echo end
