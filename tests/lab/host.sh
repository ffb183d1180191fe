#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Become a lab host. Run by `lab` as process 1 of new mount, pid, net, uts, ipc
# and cgroup namespaces, with DIR (the host's state directory, inside the
# lab's tmpfs) as its argument; ends by exec of init. DIR/conf holds: name,
# first pid, lower directory, shared directory, layer.
#
# Mounts made here are seen by this host alone and vanish with it. What is to
# outlast the host's death lies in DIR/upper.

set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
umask 022
dir=$1
{
	read -r name
	read -r first
	read -r lower
	read -r shared
	read -r layer
} <"$dir/conf"

# /proc is still the outside's, so this is our pid as the outside sees it
read -r pid _ </proc/self/stat
echo "$pid" >"$dir/pid.new"
mv "$dir/pid.new" "$dir/pid"

read -r boot_id </proc/sys/kernel/random/uuid
echo $((first - 1)) >/proc/sys/kernel/ns_last_pid

mount --make-rprivate /
root=$dir/root
mount -t overlay -o "lowerdir=$lower,upperdir=$dir/upper,workdir=$dir/work" "$name" "$root"
cd "$root"
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o nosuid,nodev,noexec sysfs sys
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup

mount -t tmpfs -o mode=755,nosuid,size=1m dev dev
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
mkdir dev/net
mknod -m 666 dev/net/tun c 10 200
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
ln -s pts/ptmx dev/ptmx
mkdir dev/pts dev/shm dev/.lab
mount -t devpts -o newinstance,nosuid,noexec,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev shm dev/shm
mount -t tmpfs -o mode=755,nosuid,nodev run run
mount -t tmpfs -o mode=1777,nosuid,nodev tmp tmp
mkdir -p run/sshd run/lock shared
mount --bind "$shared" shared

# All namespaces of a kernel share its boot id; a lab host has its own.
echo "$boot_id" >dev/.lab/boot_id
chmod 444 dev/.lab/boot_id
mount --bind dev/.lab/boot_id proc/sys/kernel/random/boot_id

hostname "$name"
echo 1 >proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null || true

# systemd makes the cgroups itself; what does not work in namespaces, or is of no use, is masked.
if [ "$layer" = systemd ]; then
	for unit in getty.target getty-static.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer \
		systemd-udevd.service systemd-udev-trigger.service systemd-udevd-kernel.socket systemd-udevd-control.socket \
		systemd-udevd-varlink.socket systemd-hwdb-update.service systemd-pstore.service systemd-firstboot.service \
		systemd-random-seed.service ldconfig.service systemd-sysusers.service dev-hugepages.mount dev-mqueue.mount \
		sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
		proc-sys-fs-binfmt_misc.automount systemd-binfmt.service systemd-networkd.service systemd-resolved.service tmp.mount \
		systemd-remount-fs.service systemd-tmpfiles-setup-dev.service systemd-tmpfiles-setup-dev-early.service; do
		[ -e "etc/systemd/system/$unit" ] || ln -s /dev/null "etc/systemd/system/$unit"
	done
else
	mkdir sys/fs/cgroup/init
	echo 1 >sys/fs/cgroup/init/cgroup.procs
fi

mkdir -p .old
pivot_root . .old
cd /
umount -l /.old
rmdir /.old
if [ "$layer" = systemd ]; then
	mkdir -p /run/systemd
	exec env -i container=lab PATH="$PATH" /usr/lib/systemd/systemd --log-target=console </dev/null
fi
exec -a init /usr/local/sbin/lab-init </dev/null >/dev/null 2>&1
