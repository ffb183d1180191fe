#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Build, once, the root file system that all lab hosts share (read only, as
# the lower layer of an overlay), and print its path.
#
#     tests/lab/rootfs.sh path     where it is or would be
#     tests/lab/rootfs.sh build    build it if it is not there, print its path
#     tests/lab/rootfs.sh programs build a layer of real programs on top of it, if
#                                  it is not there; print the two as overlay
#                                  takes them (the upper first)
#     tests/lab/rootfs.sh logins   the same with other ways to log in and be root
#     tests/lab/rootfs.sh systemd  the same with systemd
#
# LAB_CACHE   where it is kept                  (/var/cache/pferry-lab)
# LAB_SUITE   Debian suite                      (forky: the first with CRIU 4.2)
# LAB_MIRROR  Debian mirror                     (the one apt uses here, else deb.debian.org)
#
# CRIU must be 4.2 or later: 4.1 cannot dump sockets on newer kernels.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${LAB_CACHE:=/var/cache/pferry-lab}" "${LAB_SUITE:=forky}"
recipe=2
packages=criu,iproute2,nftables,openssh-client,openssh-server,procps,python3,tmux,zstd
arch=$(dpkg --print-architecture)
stamp=$(echo "$recipe $LAB_SUITE $packages $arch" | sha256sum | cut -c1-12)
root=$LAB_CACHE/rootfs-$LAB_SUITE-$stamp
# Programs that tests/e2e/*-programs moves.
programs="dnsmasq-base haproxy iputils-arping lighttpd memcached mosquitto nginx-light nodejs perl php-cli postgresql redis-server
	screen sox sqlite3 tcc valkey-server vim-tiny"
# And with PROGRAMS=all.
more="default-jre-headless erlang-base gcc libc6-dev make mariadb-server-core php-fpm prometheus-node-exporter rabbitmq-server ruby"
# Servers and tools that tests/e2e/7*-* log in with.
logins="dropbear-bin opendoas sudo"
# A virtual machine's other init.
systemd="dbus kmod libpam-systemd systemd systemd-sysv udev"
layer_dir() { # NAME PACKAGES
	echo "$LAB_CACHE/$1-$LAB_SUITE-$(echo "$stamp $2" | sha256sum | cut -c1-12)"
}

die() {
	echo "lab: $*" >&2
	exit 1
}

# The proxy that apt uses here serves debootstrap too.
outside_proxy() {
	local p=
	eval "$(apt-config shell p Acquire::http::Proxy 2>/dev/null)" || true
	if [ -n "$p" ] && [ "$p" != DIRECT ] && [ -z "${http_proxy-}" ]; then
		export http_proxy="$p"
	fi
}

bootstrap() { # DIR MIRROR
	local script=/usr/share/debootstrap/scripts/$LAB_SUITE keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
	rm -rf "$1"
	mkdir -p "$1/root"
	# Namespaces of its own, so that whatever ends it, no mount and no process stays.
	unshare --mount --pid --fork --kill-child \
		debootstrap --variant=minbase --include="$packages" --keyring="$keyring" \
		"$LAB_SUITE" "$1/root" "$2" "$script" >"$1/log" 2>&1 </dev/null 9>&-
}

build() {
	local tmp mirror ver r
	# shellcheck source-path=SCRIPTDIR source=deps.sh
	. "$here/deps.sh"
	deps_need debootstrap debian-archive-keyring util-linux
	mkdir -p "$LAB_CACHE"
	exec 9>"$LAB_CACHE/.lock"
	flock -n 9 || {
		echo "lab: waiting for another build of the root file system" >&2
		flock 9
	}
	[ -d "$root" ] && return
	outside_proxy
	mirror=$(deps_mirror)
	rm -rf "$LAB_CACHE"/.build-*
	tmp=$LAB_CACHE/.build-$$
	echo "lab: building the root file system (Debian $LAB_SUITE from $mirror, about a minute, once) in $LAB_CACHE" >&2
	if ! bootstrap "$tmp" "$mirror"; then
		if [ "$mirror" != http://deb.debian.org/debian ]; then
			echo "lab: $mirror did not do; trying http://deb.debian.org/debian" >&2
			bootstrap "$tmp" http://deb.debian.org/debian
		else
			false
		fi || {
			tail -n 20 "$tmp/log" >&2
			tail -n 20 "$tmp/root/debootstrap/debootstrap.log" >&2 2>/dev/null || true
			rm -rf "$tmp"
			die "debootstrap failed"
		}
	fi
	r=$tmp/root
	rm -rf "$r"/var/cache/apt/* "$r"/var/lib/apt/lists/* "$r"/usr/share/doc/* "$r"/usr/share/man/* \
		"$r"/usr/share/locale/* "$r"/etc/ssh/ssh_host_* "$r"/var/log/*
	# the same machine id on all hosts would be no host at all
	: >"$r/etc/machine-id"
	ver=$(chroot "$r" criu --version 2>/dev/null | sed -n 's/^Version: //p')
	case $ver in
	4.[2-9]* | 4.[1-9][0-9]* | [5-9].* | [1-9][0-9].*) ;;
	*) die "the root file system has CRIU '${ver:-none}', 4.2 or later is needed" ;;
	esac
	mv "$r" "$root"
	rm -rf "$tmp"
	echo "lab: root file system ready, CRIU $ver" >&2
}

# A layer is what apt changes in an overlay over the root file system.
build_layer() { # NAME PACKAGES
	local tmp layer
	layer=$(layer_dir "$1" "$2")
	[ ! -d "$layer" ] || return 0
	build
	exec 9>"$LAB_CACHE/.lock"
	flock 9
	[ -d "$layer" ] && return
	outside_proxy
	tmp=$LAB_CACHE/.layer-$$
	mkdir -p "$tmp/upper" "$tmp/work" "$tmp/root"
	echo "lab: installing $1 for the lab (Debian $LAB_SUITE, a minute or two, once)" >&2
	# Packages missing from this suite are left out: their tests are skipped.
	# shellcheck disable=SC2016,SC2086 # expanded within; a list of words
	if ! unshare --mount --pid --fork --kill-child sh -euc '
		mount --make-rprivate /
		mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$2/root"
		cd "$2/root"
		mount -t proc proc proc
		mount -t tmpfs -o mode=755 tmp run
		mknod -m 666 /"$2"/null c 1 3
		touch dev/null
		mount --bind "$2/null" dev/null
		cat /etc/resolv.conf >etc/resolv.conf
		printf "#!/bin/sh\nexit 101\n" >usr/sbin/policy-rc.d
		chmod 755 usr/sbin/policy-rc.d
		export DEBIAN_FRONTEND=noninteractive LC_ALL=C
		chroot . apt-get -q -o Acquire::Check-Valid-Until=false update
		set -- "$1" "$2" $(chroot . apt-cache --no-generate pkgnames | sort | comm -12 - "$3")
		shift 2
		chroot . apt-get -q -y --no-install-recommends -o Dpkg::Options::=--path-exclude=/usr/share/doc/* \
			-o Dpkg::Options::=--path-exclude=/usr/share/man/* -o Dpkg::Options::=--path-exclude=/usr/share/locale/* install "$@"
		rm -rf usr/sbin/policy-rc.d var/cache/apt/* var/lib/apt/lists/* var/log/* etc/resolv.conf' \
		layer "$root" "$tmp" <(printf '%s\n' $2 | sort) >"$tmp/log" 2>&1 </dev/null 9>&-; then
		tail -n 20 "$tmp/log" >&2
		rm -rf "$tmp"
		die "$1 could not be installed"
	fi
	mv "$tmp/upper" "$layer"
	rm -rf "$tmp"
}

case ${1-} in
path) echo "$root" ;;
build)
	[ -d "$root" ] || build
	echo "$root"
	;;
programs | more-programs | logins | systemd)
	case $1 in
	programs) packages=$programs ;;
	more-programs) packages="$programs $more" ;;
	logins) packages=$logins ;;
	systemd) packages=$systemd ;;
	esac
	build_layer "$1" "$packages"
	echo "$(layer_dir "$1" "$packages"):$root"
	;;
*)
	echo "usage: rootfs.sh path|build|programs|more-programs|logins|systemd" >&2
	exit 2
	;;
esac
