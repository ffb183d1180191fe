# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# sink.sh FIRST [ready]: what zeros.sh sends comes to an end here.  Without common.sh.
# Prints "half" when FIRST bytes are there; with "ready", "ready" before all and
# "done" after all.
[ -z "$2" ] || echo ready
head -c "$1" >/dev/null
echo half
cat >/dev/null
[ -z "$2" ] || echo "done"
