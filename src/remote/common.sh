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

# arrived STATE: images or files are all there; whoever comes last starts the
# restore, once.
arrived() {
	{ true >"$D/s.$1"; } 2>/dev/null || ln "$D/blank" "$D/s.$1" 2>/dev/null
	echo "state $1" 1<>"$D/ev"
	[ -e "$D/s.received" ] || return 0
	[ ! -e "$D/bring" ] || [ -e "$D/s.files" ] || return 0
	mkdir "$D/launched" 2>/dev/null || return 0
	echo "state launched" 1<>"$D/ev"
	read -r I <"$D/images"
	[ ! -e "$I/.warm" ] || rm -f "$I/.warm" >/dev/null 2>&1 &
	setsid sh "$D/hand" keep "$D" restore </dev/null >/dev/null 2>&1 &
}
