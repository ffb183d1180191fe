# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# probe.sh: what this host is and can do.  Changes nothing.
#
#   probe        with how one becomes root: sudo and doas are tried, without a password
#   probe look   without
#
# Prints NAME VALUE lines between "pferry-probe 1" and "end".
. parts/criu.sh
. parts/bound.sh

bound 25
echo "pferry-probe 1"
if [ "$(id -u)" = 0 ]; then
	echo "root self"
else
	# How the scripts that need root would get it. Nothing is asked here.
	echo "user $(id -un)"
	root=none
	why=
	[ "${1-}" = look ] && why='it was not tried'
	for way in sudo doas; do
		[ "${1-}" != look ] || break
		command -v "$way" >/dev/null || continue
		if said=$("$way" -n -- /bin/sh -c : 2>&1 </dev/null); then
			root=$way
			why=
			break
		fi
		[ -n "$why" ] || why=$said
		case $way$said in
		*'have a tty'* | *'not in the sudoers'* | *'not allowed'*) ;;
		# A password then. doas takes one from a terminal only.
		sudo*) root=password ;;
		esac
	done
	[ "$root$why" != none ] || why='there is neither sudo nor doas'
	echo "root $root"
	[ -z "$why" ] || printf 'root-why %s\n' "$why" | head -n 1
	echo "uid $(id -u)"
	printf 'home %s\n' "$HOME" | head -n 1
	sed -n "s/^Groups:[[:space:]]*/groups /p" /proc/self/status
fi
echo "hostname $(uname -n)"
echo "kernel $(uname -r)"
echo "arch $(uname -m)"
read -r boot </proc/sys/kernel/random/boot_id && echo "boot $boot"


# Root runs it then: not one that only this login's PATH leads to.
criu=
if [ "${root-none}" != none ]; then
	criu=$(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin && command -v criu)
fi
[ -n "$criu" ] || find_criu
echo "criu $criu"
if [ -n "$criu" ]; then
	# One that is too old does not know that it shall read no configuration; its version is wanted all the same.
	said=$(criu_run "$criu" --version 2>/dev/null </dev/null) || said=$(env -i "$criu" --version 2>/dev/null </dev/null)
	echo "criu-version $(echo "$said" | sed -n 's/^Version: *//p' | head -n 1)"
	# A CRIU with capabilities of its own (setcap) does without root, for processes of whoever runs it.
	[ "${1-}" = look ] || [ "$(id -u)" = 0 ] || ! criu_run "$criu" check --unprivileged >/dev/null 2>&1 </dev/null || echo "tool unprivileged"
fi
while read -r key value _; do
	case $key in
	MemAvailable:) echo "mem-available $value" ;;
	esac
done </proc/meminfo
echo "cpus $(grep -c '^processor' /proc/cpuinfo)"
for tool in tmux iptables zstd tar setsid mkfifo perl; do
	command -v "$tool" >/dev/null 2>&1 && echo "tool $tool"
done
# The program to take CRIU's tables away again, and a CRIU that makes them.
if command -v nft >/dev/null 2>&1 && [ -n "$criu" ] && criu_run "$criu" check --feature nftables >/dev/null 2>&1; then
	echo "tool nft"
fi
echo end
