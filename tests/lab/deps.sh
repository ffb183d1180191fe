#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Install what is missing on this machine, by apt, and say so.
#
#     tests/lab/deps.sh need PKG...      install those of PKG that are missing
#     tests/lab/deps.sh missing PKG...   print those of PKG that are missing
#     . tests/lab/deps.sh                the same as functions: deps_need, deps_missing, deps_mirror
#
# Nothing is asked of the network when nothing is missing.

deps_missing() {
	for deps_p in "$@"; do
		# shellcheck disable=SC2016 # the ${} is dpkg-query's own
		deps_s=$(dpkg-query -W -f '${db:Status-Status}' "$deps_p" 2>/dev/null) || deps_s=
		[ "$deps_s" = installed ] || printf '%s\n' "$deps_p"
	done
}

deps_need() {
	if ! command -v dpkg-query >/dev/null 2>&1; then
		echo "deps: not a Debian system: please see that you have: $*" >&2
		return 0
	fi
	deps_list=$(deps_missing "$@" | tr '\n' ' ')
	deps_list=${deps_list% }
	[ -n "$deps_list" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "deps: missing: $deps_list (as root: apt-get install $deps_list)" >&2
		return 1
	fi
	echo "installing: $deps_list (apt)" >&2
	deps_log=$(mktemp) || return 1
	# shellcheck disable=SC2086 # a list of words
	if { DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update || true; } >"$deps_log" 2>&1 </dev/null &&
		DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install \
			--no-install-recommends $deps_list >>"$deps_log" 2>&1 </dev/null; then
		rm -f "$deps_log"
		return 0
	fi
	tail -n 20 "$deps_log" >&2
	rm -f "$deps_log"
	echo "deps: could not install: $deps_list" >&2
	return 1
}

# The Debian mirror that apt uses here (the first plain http(s) URI that ends in
# /debian), or $LAB_MIRROR.
deps_mirror() {
	deps_m=${LAB_MIRROR:-$({
		cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
			awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) { print $i; break } }' || true
		cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
			awk 'tolower($1) == "uris:" { for (i = 2; i <= NF; i++) print $i }' || true
	} | sed -n 's|^\(https\{0,1\}://.*/debian\)/*$|\1|p' | head -n 1)}
	printf '%s\n' "${deps_m:-http://deb.debian.org/debian}"
}

case ${0##*/} in
deps.sh)
	case ${1-} in
	need) shift && deps_need "$@" ;;
	missing) shift && deps_missing "$@" ;;
	*)
		echo "usage: deps.sh need|missing PKG..." >&2
		exit 2
		;;
	esac
	;;
esac
