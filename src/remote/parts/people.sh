# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# ---- people: the names that numbers of users and groups have on this host ----

# names_of KIND DATABASE RANGES NUMBER...: for each number "KIND NUMBER NAME", or "KIND NUMBER ~OWNER"
# where it is a subordinate id of OWNER's.  A number that nobody has gets no line.
names_of() {
	kind=$1 database=$2 ranges=$3
	shift 3
	[ $# -gt 0 ] || return
	{
		if command -v getent >/dev/null; then
			if command -v timeout >/dev/null; then timeout -k 1 5 getent "$database" "$@"; else getent "$database" "$@"; fi
		fi
		# What a directory server did not say in time, and hosts without getent.
		cat "/etc/$database"
		sed 's/^/~:/' "/etc/$ranges"
	} 2>/dev/null </dev/null | awk -F : -v kind="$kind" -v want="$*" '
		BEGIN { n = split(want, number, " "); for (i = 1; i <= n; i++) wanted[number[i]] = 1 }
		$1 == "~" {
			if ($4 > 0) for (i = 1; i <= n; i++)
				if (!(number[i] in name) && number[i] + 0 >= $3 + 0 && number[i] + 0 < $3 + $4) name[number[i]] = "~" $2
			next
		}
		$3 in wanted && !($3 in name) { name[$3] = $1 }
		END { for (i = 1; i <= n; i++) if (number[i] in name) print kind, number[i], name[number[i]] }'
}
