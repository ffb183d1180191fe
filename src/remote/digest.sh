# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# digest.sh: reads names of files, one a line, prints "SUM PATH" for each that can be
# read, between "pferry-digest 1" and "end".  Asked at both ends for files of equal
# size and unequal time only.
echo "pferry-digest 1"
if command -v sha256sum >/dev/null 2>&1; then
	tr '\n' '\000' | xargs -0 sha256sum -- 2>/dev/null |
		# Of a name with a backslash, coreutils begin the line with one and double those in the name.
		sed -e '/^\\/{s/^.//;s/\\\\/\\/g;}' -e 's/^\([^ ]*\) [ *]/\1 /'
else
	tr '\n' '\000' | xargs -0 cksum -- 2>/dev/null | sed 's/^\([^ ]* [^ ]*\) /\1./; s/ /-/; s/\./ /'
fi
echo end
