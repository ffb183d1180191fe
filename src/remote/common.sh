# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# common.sh: put in front of every other script here.
# Nothing it needs is installed by us: sh, coreutils or busybox, and CRIU.
umask 077
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH

# fail SENTENCE: the caller cannot do what it was asked to.
fail() {
	echo "fail $*"
	exit 1
}
