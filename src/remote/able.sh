# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# able.sh: what CRIU can do on this host, for the check before a move.  Changes
# nothing; CRIU's picture of the CPU lies in a directory of its own, in /run where one may, for a moment.
#
# Prints, between "pferry-able 1" and "end":
#   cap HEX              effective capabilities of this login
#   lsm NAME             a security module that labels processes
#   hierarchy LIST       a cgroup hierarchy: "" for version 2, "cpu,cpuacct", "name=systemd"
#   controllers LIST     of cgroup version 2
#   address A            one of its IPv4 addresses as /proc/net/tcp writes them, or IPv6
#   pid-max N; hugefree KB
#   timens N             time namespaces: 1 the kernel has them, 2 and unshare(1) makes them
#   check STATUS TEXT    what `criu check --all` said first, and how it ended
#   basic STATUS TEXT    the same without --all, if that failed, or for a login that is not root with --unprivileged
#   criu-cap HEX; cap-last N   the capabilities that CRIU gets when that login runs it; the kernel's last
#   ends                 logind ends what a login has started when that ends
#   cpu HEX...           CRIU's cpuinfo image
#   late PROGRAM...      as inspect.sh
. parts/criu.sh
. parts/bound.sh

. parts/scratch.sh

leaving=unscratch
bound 45
echo "pferry-able 1"
sed -n 's/^CapEff:[[:space:]]*/cap /p' /proc/self/status
{
	[ ! -d /sys/kernel/security/apparmor ] || echo "lsm apparmor"
	[ ! -e /sys/fs/selinux/enforce ] || echo "lsm selinux"
	cut -d : -f 2 /proc/self/cgroup | sed 's/^/hierarchy /'
	for top in /sys/fs/cgroup /sys/fs/cgroup/unified; do
		[ ! -r "$top/cgroup.controllers" ] || sed 's/^/controllers /' "$top/cgroup.controllers"
	done
	awk '/32 host LOCAL/ { print "address", last } { last = $2 }' /proc/net/fib_trie | sort -u
	sed 's/^\([0-9a-f]*\) .*/address \1/' /proc/net/if_inet6
	sed 's/^/pid-max /' /proc/sys/kernel/pid_max
	if unshare --time --fork --kill-child true; then
		echo timens 2
	elif [ -e /proc/self/ns/time ]; then
		echo timens 1
	fi
	awk '$1 == "HugePages_Free:" { n = $2 } $1 == "Hugepagesize:" { print "hugefree", n * $2 }' /proc/meminfo
} 2>/dev/null

find_criu
if [ -n "$criu" ]; then
	# ask WORD OPTION...: a line of what `criu check` found wanting.
	ask() {
		word=$1
		shift
		said=$(criu_run "$criu" check "$@" 2>&1 </dev/null)
		status=$?
		printf '%s %s %s\n' "$word" "$status" "$(printf '%s' "$said" | grep -a -e Error -e Warn | tr '\n' ';' | cut -c 1-1000)"
	}
	# criu_caps: it opens its log before all else, and waits there for who reads it.
	criu_caps() {
		f=$d/caps
		mkdir "$f" && mkfifo "$f/log" || return
		# Not by criu_run: the process that is looked at must be CRIU itself.
		criu_exec "$criu" check --unprivileged -o log -W "$f" </dev/null >/dev/null 2>&1 &
		n=0
		until read -r name <"/proc/$!/comm" && [ "$name" = "${criu##*/}" ] || [ "$n" -gt 50 ]; do
			n=$((n + 1))
			sleep 0.02
		done
		sed -n 's/^CapPrm:[[:space:]]*/criu-cap /p' "/proc/$!/status"
		sed 's/^/cap-last /' /proc/sys/kernel/cap_last_cap
		timeout 5 cat "$f/log" >/dev/null
		wait "$!"
	} 2>/dev/null
	take_scratch
	ask check --all
	if [ "$(id -u)" != 0 ]; then
		ask basic --unprivileged
		case $(busctl --system get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager KillUserProcesses 2>/dev/null) in
		*true) echo ends ;;
		esac
		[ -z "$d" ] || criu_caps
	elif [ "$status" != 0 ]; then
		ask basic
	fi
	if [ -n "$d" ]; then
		own=
		[ "$(id -u)" = 0 ] || own=--unprivileged
		# shellcheck disable=SC2086 # none or one word
		criu_run "$criu" cpuinfo dump $own -D "$d" -W "$d" </dev/null >/dev/null 2>&1
		[ ! -s "$d/cpuinfo.img" ] || echo "cpu $(od -An -v -to1 "$d/cpuinfo.img" | tr -s ' \n' ' ')"
		rm -rf "$d"
	fi
fi
echo end
