#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Turns src/remote/*.sh (but this one) and *.pl into one C table: remote_scripts[].
# A line ". parts/NAME.sh", or "do 'parts/NAME.pl';", becomes that file's text: what
# several scripts share.
# Comments and blank lines stay out of what is sent, not of --show-scripts.
# usage: embed.sh FILE... > scripts.c
#        embed.sh --text FILE > the script with its parts
set -eu

# whole FILE: with its parts in it.
whole() {
	awk -v dir="$(dirname "$1")" -v quote="'" '
		/^\. parts\/[a-z]+\.sh$/ || /^do .parts\/[a-z]+\.pl.;$/ {
			part = $2
			gsub("[;" quote "]", "", part)
			part = dir "/" part
			for (n = 0; (got = (getline line <part)) > 0; n++) if (n > 1) print line
			if (got < 0 || n == 0) { print "embed.sh: " part " is not there" | "cat >&2"; exit 1 }
			next
		}
		{ print }' "$1"
}

if [ "$1" = --text ]; then
	whole "$2"
	exit
fi
printf '/* Made by src/remote/embed.sh; do not edit. */\n'
printf '#include "remote/remote.h"\n\n#include <stddef.h>\n\n'
printf 'const struct remote_script remote_scripts[] = {\n'
for file in "$@"; do
	name=$(basename "$file")
	name=${name%.*}
	text=$(whole "$file")
	printf '\t{ "%s",\n' "$name"
	printf '%s\n' "$text" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/\t/\\t/g' -e 's/?/\\?/g' -e 's/^/\t  "/' -e 's/$/\\n"/'
	printf '\t},\n'
done
printf '\t{ NULL, NULL },\n};\n'
