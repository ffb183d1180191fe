# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# common.sh: put in front of every other script here.
# Nothing it needs is installed by us: sh, coreutils or busybox, and CRIU.
umask 077
# A login's variables must not change what these do.
unset CDPATH ENV BASH_ENV CRIU_CONFIG_FILE CRTOOLS_SCRIPT_ACTION CRTOOLS_INIT_PID CRTOOLS_IMAGE_DIR LD_PRELOAD LD_AUDIT LD_LIBRARY_PATH \
	GREP_OPTIONS TAR_OPTIONS POSIXLY_CORRECT PERL5LIB PERL5OPT PERL5DB ZSTD_CLEVEL ZSTD_NBTHREADS ACT PREV AHEAD JOIN FILLS ROUND PORT
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH

# fail CODE SENTENCE: the caller cannot do what it was asked to.  The code is for pferry, the
# sentence for a person (doc/protocol.md).
fail() {
	echo "fail $*"
	exit 1
}

# roots DIR: only root writes there, nor can another user put something else in its place.
roots() {
	up=$1
	case $up in
	/*) ;;
	*) return 1 ;;
	esac
	[ ! -k "$up" ] || return 1
	while [ -n "$up" ]; do
		[ -O "$up" ] || return 1
		up=${up%/*}
	done
}

# Root runs programs from root's directories only, and reads no user's settings: a
# login that became root by sudo or doas may have brought its own.
if [ -O / ]; then
	unset TMPDIR CDPATH ENV BASH_ENV TAR_OPTIONS GREP_OPTIONS PERL5OPT PERL5LIB PERLLIB XDG_CONFIG_HOME
	[ -O "$HOME" ] || HOME=~root
	export HOME
	path=
	set -f
	IFS=:
	for dir in $PATH; do
		! roots "$dir" || path=$path:$dir
	done
	unset IFS
	set +f
	PATH=${path#:}
fi
