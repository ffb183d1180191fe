#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Turns src/remote/*.sh (but this one) and *.pl into one C table: remote_scripts[].
# Comments and blank lines stay out of what is sent, not of --show-scripts.
# usage: embed.sh FILE... > scripts.c
set -eu

printf '/* Made by src/remote/embed.sh; do not edit. */\n'
printf '#include "remote/remote.h"\n\n#include <stddef.h>\n\n'
printf 'const struct remote_script remote_scripts[] = {\n'
for file in "$@"; do
	name=$(basename "$file")
	name=${name%.*}
	printf '\t{ "%s",\n' "$name"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/\t/\\t/g' -e 's/^/\t  "/' -e 's/$/\\n"/' "$file"
	printf '\t},\n'
done
printf '\t{ NULL, NULL },\n};\n'
