# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# await.sh COMMAND: say "ready", and run COMMAND, the command line of another script,
# when there is a line on the input; should that end, so does this.  Without common.sh.
echo ready
read -r _ && eval "$1"
