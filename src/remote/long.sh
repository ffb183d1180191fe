# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
# long.sh: run the command line on the input, up to a line "pferry-script"; what comes
# after is that command's.  For servers that take no long command lines.  Without
# common.sh.
s=
while IFS= read -r l && [ "$l" != pferry-script ]; do
	s="$s$l
"
done
eval "$s"
