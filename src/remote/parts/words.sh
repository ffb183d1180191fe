# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# ---- names of files, one word each, whatever bytes they have ----
# Blanks, backslashes and what cannot be printed become \OOO, in octal.
# AWK_NAMES: functions for awk programs; names_begin() goes into their BEGIN.
# shellcheck disable=SC2016,SC2034 # awk's own; for fingerprint.sh and compare.sh
AWK_NAMES='
	function names_begin(i, c) {
		for (i = 1; i < 256; i++) {
			c = sprintf("%c", i)
			if (i < 33 || i == 92 || i > 126) names_code[c] = sprintf("\\%03o", i)
		}
		names_code["\n"] = "\\012"
	}
	function names_word(s, out, i, c) {
		if (s !~ /[^]!-[^-~]/) return s
		out = ""
		for (i = 1; i <= length(s); i++) {
			c = substr(s, i, 1)
			out = out ((c in names_code) ? names_code[c] : c)
		}
		return out
	}'
