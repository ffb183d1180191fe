# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `lab` (hosts of namespaces) and `vm` (virtual machines) share: a network,
# ssh keys, a directory and a cgroup for each lab, and the commands that are the
# same for both. The script that reads this sets
#
#     KIND          its name                    LETTER   what host names begin with
#     STATE, GROUP  its directory under /run, and its cgroup
#     RANGE         the first half of its networks' addresses
#     BRIDGE        what its interfaces' names begin with
#     READY_S       how many seconds a host's sshd has to answer
#     LAB_NAME, LAB_DIR
#     here          where these scripts are
#
# has the functions prepare, build (sets LOWER, the tree that hosts are made of),
# host_conf, host_boot, host_settle, host_says, cmd_exec and usage, and ends with `main "$@"`.
#
# One lab is: a tmpfs on LAB_DIR with all its state; a number N, held by the
# file CTL/net/N, and with it the bridge, the links, the network RANGE.N.0/24
# and the cgroup GROUP/N. Everything that `down` has to clean can be found from
# N alone, whatever was killed and when.
#
# CTL/net/N names LAB_DIR and the mount namespace in which it is mounted. Seen from
# another one, a container say, a living lab looks like a dead one: LAB_DIR is empty
# there. So a number is taken over only when nothing lives in its cgroup, and a lab is
# taken down only from its own mount namespace while something does.

set -eu
: "${here:?}"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
umask 022
# Descriptors that the caller has open beyond stdio must reach no process of a host: a pipe
# would never end, a file would make CRIU fail.
for f in /proc/self/fd/*; do
	f=${f##*/}
	[ "$f" -le 2 ] || [ "$f" = 255 ] || eval "exec $f>&-"
done
: "${LAB_CACHE:=/var/cache/pferry-lab}"
CTL=$STATE/.ctl
MAX=16
export LAB_CACHE

say() { echo "$KIND: $*" >&2; }
die() {
	say "$*"
	exit 1
}

# --- locks -------------------------------------------------------------------
# fd 8: this lab; fd 9: the table of networks. Neither may leak into a host.

lab_lock() {
	local key=${LAB_DIR//\//_}
	mkdir -p "$CTL/net"
	exec 8>"$CTL/lock$key"
	flock -w 300 8 || die "another command holds this lab"
}
net_lock() {
	exec 9>"$CTL/lock"
	flock 9
}
net_unlock() { exec 9>&-; }

# --- what there is -----------------------------------------------------------

cg_mount() { # where the outside's cgroup2 is mounted
	awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts
}

NET=
load() { # the lab's number, if it is up
	NET=
	[ -f "$LAB_DIR/net" ] && read -r NET <"$LAB_DIR/net" && [ -n "$NET" ]
}
need_up() { load || die "'$LAB_NAME' is not up (tests/lab/$KIND up)"; }

host_no() { # h3 -> 3
	local k=${1#"$LETTER"}
	case $1 in "$LETTER"[1-9] | "$LETTER"1[0-6]) ;; *) die "no such host: $1 (${LETTER}1 .. $LETTER$MAX)" ;; esac
	[ -d "$LAB_DIR/$1" ] || die "no such host in this lab: $1"
	echo "$k"
}
addr() { echo "$RANGE.$NET.$((10 + $1))"; }

# A process is known by pid and start time.
start_time() {
	local s
	s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	s=${s##*) }
	# shellcheck disable=SC2086
	set -- $s
	[ "$1" != Z ] && [ "$1" != X ] && echo "${20}"
}
host_pid() { # outside pid of a running host's process 1
	local pid st
	[ -f "$LAB_DIR/$1/init" ] && read -r pid st <"$LAB_DIR/$1/init" &&
		[ "$(start_time "$pid")" = "$st" ] && echo "$pid"
}

# --- taking away -------------------------------------------------------------

cg_end() { # DIR: kill all in a cgroup and below, remove it
	local i d
	[ -d "$1" ] || return 0
	for ((i = 0; i < 250; i++)); do
		find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
		[ -d "$1" ] || return 0
		if [ -w "$1/cgroup.kill" ]; then
			echo 1 >"$1/cgroup.kill" 2>/dev/null || true
		else
			find "$1" -name cgroup.procs -exec cat {} + >"$CTL/kill.$$" 2>/dev/null || true
			xargs -r kill -9 <"$CTL/kill.$$" 2>/dev/null || true
			rm -f "$CTL/kill.$$"
		fi
		# a process left frozen by CRIU must thaw to die
		for d in "$1" "$1"/*/; do
			echo 0 2>/dev/null >"$d/cgroup.freeze" || true
		done
		sleep 0.02
	done
	say "could not end all processes in $1"
	return 1
}

firewall() { # add|del N: where bridged frames pass through iptables, let ours pass
	[ "$(cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null)" = 1 ] || return 0
	command -v iptables >/dev/null 2>&1 || return 0
	local rule="-i $BRIDGE$2 -o $BRIDGE$2 -j ACCEPT"
	# shellcheck disable=SC2086
	if [ "$1" = add ]; then
		iptables -w -C FORWARD $rule 2>/dev/null || iptables -w -I FORWARD $rule 2>/dev/null || true
	else
		while iptables -w -D FORWARD $rule 2>/dev/null; do :; done
	fi
}

net_lives() { # N: some process is in the cgroup of the lab with this number
	find "$(cg_mount)/$GROUP/$1" -name cgroup.procs -exec cat {} + 2>/dev/null | grep -q .
}
net_owner() { # FILE of CTL/net: the LAB_DIR in it
	sed -n 1p "$1"
}
net_elsewhere() { # FILE of CTL/net: its lab lives, and belongs to another mount namespace
	local ns
	ns=$(sed -n 2p "$1")
	[ -n "$ns" ] && [ "$ns" != "$(readlink /proc/self/ns/mnt)" ] && net_lives "${1##*/}"
}

net_end() { # N: all that a lab with this number can have left outside its directory
	local l
	for l in /sys/class/net/"$BRIDGE$1$LETTER"*; do
		[ ! -e "$l" ] || ip link set "${l##*/}" down 2>/dev/null || true
	done
	cg_end "$(cg_mount)/$GROUP/$1" || true
	for l in /sys/class/net/"$BRIDGE$1$LETTER"* /sys/class/net/"$BRIDGE$1"; do
		[ ! -e "$l" ] || ip link del "${l##*/}" 2>/dev/null || true
	done
	firewall del "$1"
	rmdir "$(cg_mount)/$GROUP" 2>/dev/null || true
}

umount_dir() { # DIR: all that is mounted on it, crashed attempts included
	while mountpoint -q "$1" 2>/dev/null; do
		umount "$1" 2>/dev/null || umount -l "$1" || return 1
	done
}

host_kill() { # HOST: cable first, so that no peer hears of it; then everything at once
	local pid k=${1#"$LETTER"} i
	pid=$(host_pid "$1") || pid=
	ip link set "$BRIDGE${NET}$LETTER$k" down 2>/dev/null || true
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
	cg_end "$(cg_mount)/$GROUP/$NET/$1"
	for ((i = 0; i < 250; i++)); do
		[ -n "$pid" ] || break
		start_time "$pid" >/dev/null || break
		sleep 0.02
	done
	ip link del "$BRIDGE${NET}$LETTER$k" 2>/dev/null || true
	rm -f "$LAB_DIR/$1/init" "$LAB_DIR/$1/pid"
}

net_take() { # allocate a number; writes LAB_DIR/net
	local n f d m
	net_lock
	mkdir -p "$CTL/net"
	for f in "$CTL"/net/*; do # left by crashes and boots
		[ -f "$f" ] || continue
		n=${f##*/}
		d=$(net_owner "$f")
		m=$(cat "$d/net" 2>/dev/null) || m=
		if [ "$m" = "$n" ] || net_lives "$n"; then
			continue
		fi
		net_end "$n"
		rm -f "$f"
	done
	for ((n = 1; n < 255; n++)); do
		[ ! -e "$CTL/net/$n" ] && [ ! -e "/sys/class/net/$BRIDGE$n" ] && ! net_lives "$n" &&
			[ -z "$(ip -4 route show root "$RANGE.$n.0/24")" ] && break
	done
	[ "$n" -lt 255 ] || die "no free network in $RANGE.0.0/16"
	printf '%s\n' "$LAB_DIR" "$(readlink /proc/self/ns/mnt)" >"$CTL/net/$n"
	echo "$n" >"$LAB_DIR/net"
	net_unlock
	NET=$n
}

init_binary() { # print the path of the hosts' process 1, compiled once
	local f
	f=$LAB_CACHE/init-$(sha256sum <"$here/init.c" | cut -c1-12)
	if [ ! -x "$f" ]; then
		command -v cc >/dev/null 2>&1 || deps_need gcc libc6-dev
		mkdir -p "$LAB_CACHE"
		cc -O2 -Wall -Wextra -static -s -o "$f.$$" "$here/init.c"
		mv "$f.$$" "$f"
	fi
	echo "$f"
}

write_config() {
	local k
	{
		for ((k = 1; k <= MAX; k++)); do
			[ -d "$LAB_DIR/$LETTER$k" ] || continue
			printf 'Host %s\n\tHostName %s\n' "$LETTER$k" "$(addr "$k")"
		done
		cat <<-END
			Host $LETTER*
				User root
				Port 22
				IdentityFile $LAB_DIR/id_ed25519
				IdentitiesOnly yes
				UserKnownHostsFile $LAB_DIR/known_hosts
				GlobalKnownHostsFile /dev/null
				StrictHostKeyChecking yes
				UpdateHostKeys no
				PreferredAuthentications publickey
		END
	} >"$LAB_DIR/ssh_config.new"
	mv "$LAB_DIR/ssh_config.new" "$LAB_DIR/ssh_config"
}

make_keys() { # for all hosts there can be, so that known_hosts never changes
	local k pub
	ssh-keygen -q -t ed25519 -N '' -C "$KIND-$LAB_NAME" -f "$LAB_DIR/id_ed25519"
	mkdir -p "$LAB_DIR/keys"
	for ((k = 1; k <= MAX; k++)); do
		ssh-keygen -q -t ed25519 -N '' -C "$LETTER$k" -f "$LAB_DIR/keys/$LETTER$k" &
	done
	wait
	for ((k = 1; k <= MAX; k++)); do
		read -r pub <"$LAB_DIR/keys/$LETTER$k.pub"
		echo "$LETTER$k,$(addr "$k") ${pub% *}"
	done >"$LAB_DIR/known_hosts.new"
	mv "$LAB_DIR/known_hosts.new" "$LAB_DIR/known_hosts"
}

# A file of the lower layers, of which there may be two: "UPPER:LOWER".
lower() {
	local dir
	for dir in ${LOWER//:/ }; do
		if [ -e "$dir/$1" ]; then
			echo "$dir/$1"
			return
		fi
	done
}

host_make() { # HOST: its disk
	local h=$1 d=$LAB_DIR/$1 u i
	mkdir -p "$d/work" "$d/root"
	u=$d/upper.new
	rm -rf "$u"
	mkdir -p "$u/etc/ssh" "$u/usr/local/sbin" "$u/usr/local/lib/pferry-samples" "$u/shared" \
		"$u/var/log" "$u/var/lib" "$u/home/op/.ssh"
	mkdir -m 700 "$u/root" "$u/root/.ssh"
	echo "$h" >"$u/etc/hostname"
	tr -d - </proc/sys/kernel/random/uuid >"$u/etc/machine-id"
	{
		printf '127.0.0.1 localhost\n'
		for ((i = 1; i <= MAX; i++)); do echo "$(addr $i) $LETTER$i"; done
	} >"$u/etc/hosts"
	: >"$u/etc/resolv.conf"
	cp "$LAB_DIR/keys/$h" "$u/etc/ssh/ssh_host_ed25519_key"
	cp "$LAB_DIR/keys/$h.pub" "$u/etc/ssh/ssh_host_ed25519_key.pub"
	cp "$LAB_DIR/known_hosts" "$u/etc/ssh/ssh_known_hosts"
	cat >"$u/etc/ssh/sshd_config" <<-'END'
		Port 22
		AddressFamily inet
		HostKey /etc/ssh/ssh_host_ed25519_key
		PermitRootLogin prohibit-password
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		UsePAM no
		UseDNS no
		MaxSessions 64
		MaxStartups 200
		PerSourcePenalties no
		LoginGraceTime 60
		PrintMotd no
		PrintLastLog no
		PidFile /run/sshd.pid
		Subsystem sftp internal-sftp
	END
	cp "$LAB_DIR/id_ed25519.pub" "$u/root/.ssh/authorized_keys"
	cp "$LAB_DIR/id_ed25519.pub" "$u/home/op/.ssh/authorized_keys"
	chown -R 1000:1000 "$u/home/op"
	chmod 700 "$u/home/op/.ssh"
	chmod 600 "$u/root/.ssh/authorized_keys" "$u/home/op/.ssh/authorized_keys" "$u/etc/ssh/ssh_host_ed25519_key"
	{
		grep -v '^op:' "$(lower etc/passwd)"
		echo 'op:x:1000:1000:Operator:/home/op:/bin/bash'
	} >"$u/etc/passwd"
	{
		grep -v '^op:' "$(lower etc/group)"
		echo 'op:x:1000:'
	} >"$u/etc/group"
	{
		grep -v '^op:' "$(lower etc/shadow)"
		echo 'op:*:19000:0:99999:7:::'
	} >"$u/etc/shadow"
	chown 0:42 "$u/etc/shadow"
	chmod 640 "$u/etc/shadow"
	cp "$INIT" "$u/usr/local/sbin/lab-init"
	cp "$here"/samples/* "$u/usr/local/lib/pferry-samples/"
	host_conf "$h" >"$d/conf"
	mv "$u" "$d/upper"
}

host_ready() { # HOST: sshd answers
	local a end
	a=$(addr "${1#"$LETTER"}")
	end=$((SECONDS + READY_S))
	while [ "$SECONDS" -le "$end" ]; do
		if timeout 0.3 bash -c ": <\"/dev/tcp/$a/22\"" 2>/dev/null; then
			host_settle "$1"
			return
		fi
		host_pid "$1" >/dev/null || break
		sleep 0.02
	done
	tail -n 5 "$LAB_DIR/$1/log" "$LAB_DIR/$1/upper/var/log/sshd.log" >&2 2>/dev/null || true
	die "$1: sshd does not answer at $a"
}

# Run FUNCTION for each HOST at the same time; fails if one does.
each() { # FUNCTION HOST...
	local f=$1 h p rc=0 pids=()
	shift
	for h in "$@"; do
		"$f" "$h" &
		pids+=($!)
	done
	for p in "${pids[@]}"; do wait "$p" || rc=1; done
	return $rc
}

cmd_up() {
	local n=${1-2} k cg todo=()
	case $n in '' | *[!0-9]*) die "up: not a number: $n" ;; esac
	if [ "$n" -lt 1 ] || [ "$n" -gt $MAX ]; then die "up: 1 to $MAX hosts"; fi
	prepare
	build
	INIT=$(init_binary)
	lab_lock
	if ! load || [ ! -f "$LAB_DIR/known_hosts" ]; then # down, or cut off early
		down_locked
		mkdir -p "$LAB_DIR"
		mount -t tmpfs -o mode=755,size=75% "$GROUP" "$LAB_DIR"
		mkdir -m 1777 "$LAB_DIR/shared"
		net_take
		make_keys
	fi
	cg=$(cg_mount)
	if [ -z "$cg" ]; then
		down_locked
		die "no cgroup2 file system is mounted here"
	fi
	mkdir -p "$cg/$GROUP/$NET"
	cg_controllers "$cg" "$cg/$GROUP" "$cg/$GROUP/$NET"
	[ -e "/sys/class/net/$BRIDGE$NET" ] || ip link add "$BRIDGE$NET" type bridge forward_delay 0 stp_state 0
	ip addr replace "$RANGE.$NET.1/24" dev "$BRIDGE$NET"
	echo 1 2>/dev/null >"/proc/sys/net/ipv6/conf/$BRIDGE$NET/disable_ipv6" || true
	ip link set "$BRIDGE$NET" up
	firewall add "$NET"
	for ((k = 1; k <= n; k++)); do
		if [ ! -d "$LAB_DIR/$LETTER$k/upper" ]; then
			host_make "$LETTER$k"
			todo+=("$LETTER$k")
		elif ! host_pid "$LETTER$k" >/dev/null; then
			todo+=("$LETTER$k")
		fi
	done
	write_config
	if [ ${#todo[@]} -gt 0 ]; then
		each host_boot "${todo[@]}" || die "up: not all hosts came up"
		each host_ready "${todo[@]}" || die "up: not all hosts came up"
	fi
	say "'$LAB_NAME' is up: $(hosts | tr '\n' ' ')at $RANGE.$NET.0/24; ssh -F $LAB_DIR/ssh_config ${LETTER}1"
}

cg_controllers() { # hand down what controllers the outside has to give
	local d c
	for d in "$@"; do
		# shellcheck disable=SC2013 # words of one line
		for c in $(cat "$d/cgroup.controllers"); do
			echo "+$c" 2>/dev/null >"$d/cgroup.subtree_control" || true
		done
	done
}

hosts() {
	local k
	for ((k = 1; k <= MAX; k++)); do [ ! -d "$LAB_DIR/$LETTER$k" ] || echo "$LETTER$k"; done
}

down_locked() {
	local f
	net_lock
	if load && [ ! -e "$CTL/net/$NET" ]; then # someone emptied /run
		printf '%s\n' "$LAB_DIR" "$(readlink /proc/self/ns/mnt)" >"$CTL/net/$NET"
	fi
	for f in "$CTL"/net/*; do
		[ -f "$f" ] || continue
		[ "$(net_owner "$f")" = "$LAB_DIR" ] || continue
		! net_elsewhere "$f" || die "'$LAB_NAME' is up in another mount namespace: take it down there, or choose another LAB_NAME"
		net_end "${f##*/}"
		rm -f "$f"
	done
	net_unlock
	umount_dir "$LAB_DIR"
	rmdir "$LAB_DIR" 2>/dev/null || true
}

cmd_down() {
	[ "$(id -u)" = 0 ] || die "must be run as root"
	lab_lock
	down_locked
}

cmd_status() {
	local h p
	if ! load; then
		echo "$KIND '$LAB_NAME' is down"
		return 1
	fi
	echo "$KIND '$LAB_NAME' in $LAB_DIR, network $RANGE.$NET.0/24, bridge $BRIDGE$NET"
	for h in $(hosts); do
		if p=$(host_pid "$h"); then
			echo "$h up $(addr "${h#"$LETTER"}") $(host_says "$h" "$p")"
		else
			echo "$h down"
		fi
	done
}

cmd_kill() {
	local h
	lab_lock
	need_up
	for h in "$@"; do
		host_no "$h" >/dev/null
		host_kill "$h"
	done
}

cmd_start() {
	local h
	lab_lock
	need_up
	for h in "$@"; do
		host_no "$h" >/dev/null
		host_pid "$h" >/dev/null && die "$h is running"
		host_boot "$h"
		host_ready "$h"
	done
}

cmd_cable() { # up|down HOST...
	local h s=$1
	shift
	need_up
	for h in "$@"; do
		ip link set "$BRIDGE${NET}$LETTER$(host_no "$h")" "$s"
	done
}

cmd_clean() {
	local f
	mkdir -p "$CTL/net"
	net_lock
	for f in /run/pferry-lab/.ctl/net/* /run/pferry-vm/.ctl/net/*; do
		[ -f "$f" ] || continue
		! net_elsewhere "$f" || die "a lab is up in another mount namespace: $(net_owner "$f")"
		! grep -qF "$LAB_CACHE/" "$(net_owner "$f")"/[hv]*/conf 2>/dev/null || die "a lab is up: $(net_owner "$f")"
	done
	case $LAB_CACHE in */*) ;; *) die "LAB_CACHE must be a path" ;; esac
	rm -rf "$LAB_CACHE"/rootfs-* "$LAB_CACHE"/programs-* "$LAB_CACHE"/logins-* "$LAB_CACHE"/.build-* "$LAB_CACHE"/.layer-* "$LAB_CACHE"/init-* "$LAB_CACHE"/vm-* "$LAB_CACHE/.lock"
	rmdir "$LAB_CACHE" 2>/dev/null || true
	net_unlock
}

main() { # COMMAND ARGUMENT...
	case $LAB_NAME in '' | .* | *[!A-Za-z0-9_.-]*) die "a name has letters, digits, - _ . only" ;; esac
	case $LAB_DIR in /*) ;; *) die "LAB_DIR must be an absolute path" ;; esac
	local cmd=${1-} h
	[ $# -eq 0 ] || shift
	case $cmd in
	up) cmd_up "$@" ;;
	down) cmd_down ;;
	status) cmd_status ;;
	path) echo "$LAB_DIR" ;;
	ssh-config)
		need_up
		if [ "${1-}" = --print ]; then cat "$LAB_DIR/ssh_config"; else echo "$LAB_DIR/ssh_config"; fi
		;;
	exec | sample | kill | start | plug | unplug)
		[ $# -gt 0 ] || die "$cmd: which host?"
		case $cmd in
		exec) cmd_exec "$@" ;;
		sample)
			h=$1
			shift
			cmd_exec "$h" /usr/local/lib/pferry-samples/start "$@"
			;;
		kill) cmd_kill "$@" ;;
		start) cmd_start "$@" ;;
		plug) cmd_cable up "$@" ;;
		unplug) cmd_cable down "$@" ;;
		esac
		;;
	rootfs)
		prepare
		build
		echo "$LOWER"
		;;
	clean) cmd_clean ;;
	help | -h | --help) usage ;;
	*)
		usage >&2
		exit 2
		;;
	esac
}
