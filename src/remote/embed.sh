#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Turns src/remote/*.sh (but this one) and *.pl into one C table: remote_scripts[].
# A line ". parts/NAME.sh", or "do 'parts/NAME.pl';", becomes that file's text: what
# several scripts share.
# Comments and blank lines stay out of what is sent, not of --show-scripts.
# TABLE is src/handover/protocol.def: a script that uses a word of the protocol which is
# not in there is refused, and so is a table with a word which no script uses.
# usage: embed.sh TABLE FILE... > scripts.c
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

# words TABLE: check the text of all scripts, on input, each behind a line "#file NAME".
words() {
	awk -v table="$1" '
		# Of the table "KIND(NAME, word, ...": has["KIND word"].
		BEGIN {
			while ((got = (getline line <table)) > 0) {
				if (line !~ /^[A-Z]+\([A-Z_]+, *[a-z-]+,/) continue
				kind = substr(line, 1, index(line, "(") - 1)
				split(line, field, /, */)
				if (kind == "EVENT") kind = "STATE"
				if (kind == "COMMAND") kind = "ORDER"
				has[kind " " field[2]] = 1
			}
			if (got < 0) refuse(table " cannot be read")
		}
		function refuse(why) {
			print "embed.sh: " why | "cat >&2"
			bad = 1
		}
		function use(kind, word) {
			if (!((kind " " word) in has)) refuse(file ": \"" word "\" is no " tolower(kind) " of " table)
			used[kind " " word] = 1
		}
		# Each word that follows what matches `before`; not a pattern for several, and not what a variable has.
		function find(kind, before, letters, rest, word) {
			rest = $0
			while (match(rest, before)) {
				rest = substr(rest, RSTART + RLENGTH)
				match(rest, letters)
				if (RLENGTH < 1 || RSTART != 1) continue
				word = substr(rest, 1, RLENGTH)
				if (substr(rest, RLENGTH + 1, 1) != "*") use(kind, word)
			}
		}
		/^#file / { file = $2; next }
		/^[ \t]*#/ { next }
		{
			find("STATE", "(^|[^a-zA-Z_-])(state|note_state|arrived) ", "^[a-z]+")
			find("STATE", "/s[.]", "^[a-z]+")
			find("DECISION", "(^|[^a-zA-Z_-])decide ", "^[a-z]+")
			if (/ decision( |$)/) find("DECISION", "(choose|first) ", "^[a-z]+")
			find("FAILURE", "(^|[^a-zA-Z_-])fail ", "^[a-z-]+")
			if (/(^|[^a-zA-Z_-])fail ["\047]/) refuse(file ": fails without a code: " $0)
		}
		# The commands that end.sh reads.
		/^serve\(\) \{/ { serving = 1 }
		/^\}/ { serving = 0 }
		serving && /^\t\t[a-z |]+\)/ {
			n = split(substr($0, 1, index($0, ")") - 1), field, "[ \t|]+")
			for (i = 1; i <= n; i++) if (field[i] != "") use("ORDER", field[i])
		}
		END {
			for (word in has) if (!(word in used) && word ~ /^(STATE|ORDER|FAILURE) /)
				refuse(table ": no script uses " word)
			exit bad
		}'
}

if [ "$1" = --text ]; then
	whole "$2"
	exit
fi
table=$1
shift
for file in "$@"; do
	echo "#file $file"
	whole "$file"
done | words "$table"
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
