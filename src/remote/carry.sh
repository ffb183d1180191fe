# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# carry.sh VERB D: one end of what carries the memory of a post-copy by relay; see join.pl.
# What it has to say to pferry goes to the error output, beside the memory.
exec perl "$2/join" "$1" "$2" 3>&2 2>/dev/null
