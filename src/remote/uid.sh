# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# uid.sh: whether sudo has made this root.  Without common.sh.
id -u
