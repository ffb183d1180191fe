# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# zeros.sh BYTES: so many, to see how fast a link is.  Without common.sh.
exec head -c "$1" /dev/zero
