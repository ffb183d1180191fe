# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# pack.sh BYTES: compress so many that do not compress, as the compressor is slowest
# with those; how long that takes is what counts.  Without common.sh.
head -c "$1" /dev/urandom | zstd -q -1 -T0 -c | cat >/dev/null
