# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# scan.sh BASE...: moves that have a directory on this host, below one of BASE.
# Changes nothing.
# Prints, between "pferry-scan 1" and "end", "refused PATH" for what another made, or can
# write to: nothing in there is believed; and for each move "move ID", "base BASE", "role source"
# or "role dest", "lease AGE GOOD" in seconds, and the lines of its record.
. parts/bound.sh

bound 45
echo "pferry-scan 1"

. parts/own.sh

read -r now _ </proc/uptime
for base; do
if [ -e "$base" ] || [ -L "$base" ]; then
	ours "$base" || {
		echo "refused $base"
		continue
	}
fi
for D in "$base"/*; do
	if [ ! -f "$D/record" ] || [ ! -s "$D/record" ]; then
		continue
	fi
	case ${D##*/} in *[!A-Za-z0-9._-]*) continue ;; esac
	private "$D" || {
		echo "refused $D"
		continue
	}
	echo "move ${D##*/}"
	echo "base $base"
	read -r role <"$D/role" && echo "role $role"
	read -r last <"$D/lease"
	read -r good <"$D/lease-s"
	read -r boot </proc/sys/kernel/random/boot_id
	was=
	[ -e "$D/boot" ] && read -r was <"$D/boot"
	# A lease from before a boot is over.
	if [ "$boot" = "$was" ]; then
		echo "lease $((${now%.*} - ${last%.*})) $good"
	else
		echo "lease 999999 $good"
	fi
	cat "$D/record"
done
done 2>/dev/null
echo end
