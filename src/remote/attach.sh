# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# attach.sh SESSION: show that session of tmux, on the terminal of the ssh that runs this.
exec tmux attach -t "=$1"
