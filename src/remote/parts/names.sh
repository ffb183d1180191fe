# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# ---- names of files, one a line on input, each with what has it ----
# stat_names PREFIX: "file MODE INODE SIZE MTIME MAJOR:MINOR PATH" of those that are there,
# each with "node DEVICE UID GID" behind it, and then "disk BLOCKS UNIT PATH" of the large ones among them.
stat_names() {
	sed "s,^,$1," | tr '\n' '\000' | xargs -0 stat -L -c '%b %B file %f %i %s %Y %t:%T %n
node %d %u %g' -- 2>/dev/null |
		awk '$3 != "file" { print; next }
			{ blocks = $1; unit = $2; size = $6; sub(/^[^ ]* [^ ]* /, ""); print }
			size > 1048576 { sub(/^[^ ]* [^ ]* [^ ]* [^ ]* [^ ]* [^ ]* /, ""); disks = disks "disk " blocks " " unit " " $0 "\n" }
			END { printf "%s", disks }'
}

# look_at PREFIX MOUNTINFO: the same, and "deaf TYPE NAME" of each file system of these that does
# not answer. Only then are they asked one by one.
look_at() {
	wanted=$(cat)
	printf '%s\n' "$wanted" | within 4 stat_names "$1" && return
	printf '%s\n' "$wanted" | mounts_of "$2" | sort -u | head -n 8 | while IFS='	' read -r where type; do
		printf '%s\n' "$wanted" | mounts_of "$2" "$where" | within 3 stat_names "$1" || printf 'deaf %s %s\n' "$type" "$where"
	done
}

# mounts_of MOUNTINFO [WHERE]: "WHERE TAB TYPE" of the mount that each name is on; or the names on that at WHERE.
mounts_of() {
	awk -v table="$1" -v only="$2" '
		function plain(text, at, n) {
			while ((at = match(text, /\\[0-7][0-7][0-7]/)) > 0) {
				n = substr(text, at + 1, 1) * 64 + substr(text, at + 2, 1) * 8 + substr(text, at + 3, 1)
				text = substr(text, 1, at - 1) sprintf("%c", n) substr(text, at + 4)
			}
			return text
		}
		BEGIN {
			while ((getline line <table) > 0) {
				split(line, m, " ")
				where = plain(m[5])
				sub(/^.* - /, "", line)
				split(line, t, " ")
				type[where] = t[1]
			}
		}
		{
			name = $0
			while (!(name in type) && name != "/" && name != "") if (!sub(/\/[^\/]*$/, "", name) || name == "") name = "/"
			if (only == "") print name "\t" type[name]
			else if (name == only) print
		}'
}
