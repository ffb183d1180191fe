#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Build, once, what the virtual machines boot: a directory with the kernel
# (vmlinux), the first steps (initrd, see vm-init), the disk (root.img) and the
# disk's tree of users (etc). Print its path.
#
#     tests/lab/vm-image.sh path [FLAVOUR]     where it is or would be
#     tests/lab/vm-image.sh build [FLAVOUR]    build it if it is not there, print its path
#
# FLAVOUR is plain (lab-init and sshd, nothing else) or systemd.
#
# LAB_CACHE   where it is kept                  (/var/cache/pferry-lab)
# LAB_KERNEL  Debian suite of the kernel        (trixie)
# LAB_MIRROR  Debian mirror                     (the one apt uses here, else deb.debian.org)

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${LAB_CACHE:=/var/cache/pferry-lab}" "${LAB_KERNEL:=trixie}"
flavour=${2-plain}
recipe=1
case $flavour in
plain | systemd) ;;
*)
	echo "vm: no such flavour: $flavour (plain, systemd)" >&2
	exit 2
	;;
esac
export LAB_CACHE
rootfs=$("$here/rootfs.sh" path)
stamp=$(echo "$recipe $flavour $LAB_KERNEL $rootfs $(sha256sum <"$here/vm-init") $(sha256sum <"$0")" | sha256sum | cut -c1-12)
image=$LAB_CACHE/vm-$flavour-$stamp

die() {
	echo "vm: $*" >&2
	exit 1
}

# What the machines can use beyond what is built in: with what it depends on.
modules='virtio_blk virtio_net virtio-rng
	unix_diag inet_diag tcp_diag udp_diag raw_diag netlink_diag af_packet_diag
	nf_tables nft_ct nft_compat nft_counter nft_reject nft_chain_nat nft_log nf_conntrack nf_conntrack_netlink nfnetlink
	ip_tables ip6_tables iptable_filter ip6table_filter xt_mark xt_conntrack xt_tcpudp
	veth tun bridge dummy overlay loop autofs4 sch_netem sch_tbf'

# What systemd would do at each boot that is of no use here.
masked='getty.target getty-static.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer
	systemd-tmpfiles-clean.timer systemd-udevd.service systemd-udev-trigger.service systemd-udevd-kernel.socket
	systemd-udevd-varlink.socket systemd-hwdb-update.service systemd-update-done.service systemd-pstore.service
	systemd-journal-catalog-update.service systemd-firstboot.service systemd-random-seed.service ldconfig.service
	systemd-sysusers.service systemd-machine-id-commit.service systemd-hibernate-clear.service sshd-keygen.service
	remote-fs.target dev-hugepages.mount dev-mqueue.mount sys-kernel-config.mount sys-kernel-debug.mount
	sys-kernel-tracing.mount sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount systemd-binfmt.service
	systemd-ask-password-console.path systemd-ask-password-wall.path kmod-static-nodes.service tmp.mount'

# The kernel package, checked by apt against Debian's keys, with lists of its own.
fetch_kernel() { # DIR MIRROR
	local o package
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $2 $LAB_KERNEL main" >"$1/sources.list"
	o="-q -o Dir::Etc::sourcelist=$1/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=$1/lists
		-o Dir::Cache=$1/cache -o APT::Sandbox::User=root -o Acquire::Languages=none"
	# shellcheck disable=SC2086 # a list of words
	{
		apt-get $o update
		package=$(apt-cache $o show linux-image-cloud-amd64 | sed -n 's/^Depends: \(linux-image-[^ ,]*\).*/\1/p' | sort -V | tail -n 1)
		(cd "$1" && apt-get $o download "$package")
	} >"$1/log" 2>&1 && dpkg -x "$1"/linux-image-*.deb "$1/kernel"
}

# A little-endian number of 1 or 4 bytes of a file.
number() { # FILE OFFSET SIZE
	od -An -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# QEMU starts an uncompressed kernel at once; unpacking itself would take it seconds.
unpack_kernel() { # VMLINUZ VMLINUX: offsets as in the kernel's Documentation/arch/x86/boot.rst
	local start length
	start=$((($(number "$1" 497 1) + 1) * 512 + $(number "$1" 584 4)))
	length=$(number "$1" 588 4)
	# its last four bytes are the size unpacked
	dd if="$1" of="$2.packed" bs=64k iflag=skip_bytes,count_bytes skip=$start count=$((length - 4)) status=none
	case $(od -An -t x1 -N 4 "$2.packed" | tr -d ' ') in
	28b52ffd) zstd -qdc "$2.packed" >"$2" ;;
	fd377a58) xz -dc "$2.packed" >"$2" ;;
	1f8b08*) gzip -dc "$2.packed" >"$2" ;;
	*) die "the kernel is packed in a way that is not known here" ;;
	esac
	rm "$2.packed"
}

take_module() { # FROM TO NAME: with what it depends on
	local file dep
	file=$(find "$1" -name "$3.ko*" -print -quit)
	[ -n "$file" ] || return 0
	local to=$2/${file#"$1/"}
	to=${to%.xz}
	[ ! -e "$to" ] || return 0
	mkdir -p "${to%/*}"
	case $file in *.xz) xz -dc "$file" >"$to" ;; *) cp "$file" "$to" ;; esac
	for dep in $(tr '\0' '\n' <"$to" | sed -n 's/^depends=//p' | tr , ' '); do
		take_module "$1" "$2" "$dep"
	done
}

make_initrd() { # DIR
	local i=$1/first m
	mkdir -p "$i/bin" "$i/dev" "$i/proc" "$i/sys" "$i/new" "$i/modules"
	cp "$(command -v busybox)" "$i/bin/busybox"
	cp "$here/vm-init" "$i/init"
	chmod 755 "$i/init"
	for m in failover net_failover virtio_blk virtio_net virtio-rng; do
		find "$1/tree/usr/lib/modules" -name "$m.ko" -exec cp {} "$i/modules/" \;
	done
	(cd "$i" && find . | busybox cpio -o -H newc) >"$1/initrd" 2>/dev/null
}

make_tree() { # DIR: what will be on the disk
	local u
	if [ "$flavour" = plain ]; then
		cp -a "$rootfs" "$1/tree"
		return
	fi
	mkdir "$1/layers"
	# shellcheck disable=SC2016 # expanded within
	unshare --mount sh -euc 'mount -t overlay -o "lowerdir=$1" overlay "$2/layers" && cp -a "$2/layers" "$2/tree"' \
		tree "$("$here/rootfs.sh" systemd)" "$1"
	for u in $masked; do ln -sf /dev/null "$1/tree/etc/systemd/system/$u"; done
}

make_disk() { # DIR
	mke2fs -q -t ext4 -d "$1/tree" -E lazy_itable_init=0,lazy_journal_init=0 -J size=16 -L root "$1/root.img" 2g >/dev/null
}

build() {
	local tmp version m
	# shellcheck source-path=SCRIPTDIR source=deps.sh
	. "$here/deps.sh"
	deps_need busybox-static debian-archive-keyring e2fsprogs util-linux xz-utils zstd
	"$here/rootfs.sh" build >/dev/null
	[ "$flavour" = plain ] || "$here/rootfs.sh" systemd >/dev/null
	exec 9>"$LAB_CACHE/.lock"
	flock 9
	[ ! -d "$image" ] || return 0
	echo "vm: building the machines' image (Debian $LAB_KERNEL's kernel, half a minute, once) in $LAB_CACHE" >&2
	rm -rf "$LAB_CACHE"/.vm-*
	tmp=$LAB_CACHE/.vm-$$
	mkdir -p "$tmp/out"
	fetch_kernel "$tmp" "$(deps_mirror)" || fetch_kernel "$tmp" http://deb.debian.org/debian || {
		tail -n 20 "$tmp/log" >&2
		rm -rf "$tmp"
		die "could not fetch the kernel"
	}
	version=$(basename "$tmp"/kernel/boot/vmlinuz-*)
	version=${version#vmlinuz-}
	unpack_kernel "$tmp/kernel/boot/vmlinuz-$version" "$tmp/out/vmlinux"
	make_tree "$tmp"
	for m in $modules; do
		take_module "$tmp/kernel/usr/lib/modules/$version" "$tmp/tree/usr/lib/modules/$version" "$m"
	done
	cp "$tmp/kernel/usr/lib/modules/$version"/modules.builtin* \
		"$tmp/kernel/usr/lib/modules/$version/modules.order" "$tmp/tree/usr/lib/modules/$version/"
	# the kernel asks for what it lacks by the name of modprobe
	if [ -x "$tmp/tree/usr/sbin/depmod" ]; then
		chroot "$tmp/tree" depmod "$version"
	else
		busybox depmod -b "$tmp/tree/usr" "$version"
		cp "$(command -v busybox)" "$tmp/tree/usr/sbin/modprobe"
	fi
	mkdir -p "$tmp/out/etc" "$tmp/tree/shared"
	cp -p "$tmp/tree/etc/passwd" "$tmp/tree/etc/group" "$tmp/tree/etc/shadow" "$tmp/out/etc/"
	make_initrd "$tmp"
	make_disk "$tmp"
	mv "$tmp/initrd" "$tmp/root.img" "$tmp/out/"
	mv "$tmp/out" "$image"
	rm -rf "$tmp"
	echo "vm: image ready, kernel $version" >&2
}

case ${1-} in
path) echo "$image" ;;
build)
	[ -d "$image" ] || build
	echo "$image"
	;;
*)
	echo "usage: vm-image.sh path|build [plain|systemd]" >&2
	exit 2
	;;
esac
