# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# input.sh SCRIPT ARG...: take a password from the input that sudo did not ask for, up
# to a line "pferry-input", and run the script.  Without common.sh.
while read -r l && [ "$l" != pferry-input ]; do
	:
done
exec sh -c "$@"
