# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# bring.sh D PASS: send the files listed in D/bring (no leading slash): content,
# owner, mode, times, extended attributes, holes.
#   first     all of them as one tar stream, before the freeze, with the directories
#             that they lie in; how each was is noted in D/was
#   changes   once the source is held, what has changed since, as lines and bytes:
#               gone /PATH           it is no more
#               patch SIZE PATH      it has changed in these blocks of 4 MiB:
#               block N BYTES        and so many bytes
#               times SECONDS PATH   and is so old
#               tar                  what else has changed, to the end
D=$1
list=$D/bring

. parts/own.sh
. parts/await.sh

ours "$D" || not_ours "$D" >&2

# stamp: how the files named on input (each ending in NUL) are: nanoseconds where stat has them.
stamp() {
	(cd / && xargs -0 stat -c '%i %s %y %z %f %u %g %n' -- 2>/dev/null)
}

# open_file PATH: on descriptor 6.  Its name may mean another file the next time, so
# all that is asked of it and read from it goes by /proc/self/fd/6.
open_file() {
	[ -f "/$1" ] && [ ! -L "/$1" ] && { exec 6<"/$1"; } 2>/dev/null
}

# blocks: of the open file, a sum for each block of 4 MiB; nothing where split cannot.
blocks() {
	# shellcheck disable=SC2016 # split's own
	(cd / && split -b 4M --filter='cksum' /proc/self/fd/6 2>/dev/null)
}

# is_big: the blocks of the open file are worth telling apart: it is no small file, and no hole.
# Leaves in $was its device and inode, and its size and age.
is_big() {
	# shellcheck disable=SC2046 # words
	set -- $(stat -Lc '%d-%i %s %b %B %Y' /proc/self/fd/6)
	was=$1 size=$2 age=$5
	[ "$2" -gt 8388608 ] && [ $(($3 * $4)) -gt $(($2 / 2)) ]
}

gnu=
case $(tar --version 2>/dev/null) in
*GNU*) gnu=1 ;;
esac

# put_name PATH: to a list for pack.  A name may look like an option, or have a backslash.
put_name() {
	if [ -n "$gnu" ]; then
		printf './%s\0' "$1"
	else
		printf './%s\n' "$1"
	fi
}

# pack LIST: as a tar stream.
pack() {
	if [ ! -s "$1" ]; then
		head -c 10240 /dev/zero
		return
	fi
	[ -z "$gnu" ] || exec tar -cf - -C / --numeric-owner --sparse --xattrs --acls --no-recursion --ignore-failed-read \
		--no-unquote --verbatim-files-from --null -T "$1" 2>/dev/null
	if tar -cf - -C / --no-recursion -T /dev/null >/dev/null 2>&1; then
		exec tar -cf - -C / --numeric-owner --no-recursion -T "$1" 2>/dev/null
	fi
	# One that takes no list.
	list=$1
	set --
	while IFS= read -r path; do
		set -- "$@" "$path"
	done <"$list"
	exec tar -cf - -C / --numeric-owner --no-recursion "$@" 2>/dev/null
}

first() {
	# With all directories on the way to them, for their owner and mode; what is a link on the
	# way here is the destination's own there.
	awk '{ n = split($0, part, "/"); path = ""
		for (i = 1; i < n; i++) { path = path (i > 1 ? "/" : "") part[i]; if (!seen[path]++) print "d " path }
		if (!seen[$0]++) print "f " $0 }' "$list" | while IFS= read -r path; do
		[ "${path%% *}" = f ] || [ ! -L "/${path#d }" ] || continue
		put_name "${path#? }"
	done >"$D/bring-all"
	mkdir -p "$D/sums"
	date +%s >"$D/was-at"
	tr '\n' '\000' <"$list" | stamp >"$D/was"
	# Before they are sent: what changes meanwhile is sent again then.
	while IFS= read -r path; do
		if open_file "$path" && is_big; then
			blocks >"$D/sums/$was"
		fi
	done <"$list"
	exec 6<&-
	pack "$D/bring-all"
}

# patch INODE PATH: what changed in a big file since the first pass; false when it must go whole,
# another file of that name among them: what is in that is perhaps not for whoever owns this one.
patch() {
	open_file "$2" && is_big || return
	[ "${was#*-}" = "$1" ] && [ -s "$D/sums/$was" ] || return
	was=$D/sums/$was
	printf 'patch %s %s\n' "$size" "$2"
	blocks | awk -v was="$was" -v size="$size" '{ old = ""; getline old <was
		if ($0 != old) { left = size - (NR - 1) * 4194304; print NR - 1, left < 4194304 ? left : 4194304 } }' |
		while read -r n bytes; do
			echo "block $n $bytes"
			dd if=/proc/self/fd/6 bs=4194304 skip="$n" count=1 2>/dev/null
		done
	printf 'times %s %s\n' "$age" "$2"
}

changes() {
	await_hold
	read -r at <"$D/was-at"
	tr '\n' '\000' <"$list" | stamp >"$D/is"
	# What was written within the second of the first look may have changed unseen.
	tr '\n' '\000' <"$list" | (cd / && xargs -0 stat -c '%Y %n' -- 2>/dev/null) |
		awk -v at="$at" '$1 >= at - 1 { sub(/^[^ ]* /, ""); print }' >"$D/young"
	awk -v D="$D" '
		function name(line) { sub(/^([^ ]+ )([^ ]+ )([^ ]+ [^ ]+ [^ ]+ )([^ ]+ [^ ]+ [^ ]+ )([^ ]+ )([^ ]+ )([^ ]+ )/, "", line); return line }
		BEGIN {
			while ((getline line <(D "/young")) > 0) young[line] = 1
			while ((getline line <(D "/was")) > 0) was[name(line)] = line
			while ((getline line <(D "/is")) > 0) is[name(line)] = line
			while ((getline path <(D "/bring")) > 0) {
				if (path in is) {
					if (path in was && was[path] == is[path] && !(path in young)) continue
					split(was[path], old, " "); split(is[path], new, " ")
					print (old[1] == new[1] ? new[1] : "-"), path
				}
				else print "gone /" path >(D "/gone")
			}
		}' /dev/null >"$D/changed"
	[ ! -e "$D/gone" ] || cat "$D/gone"
	true >"$D/changed-whole"
	while IFS= read -r path; do
		if ! patch "${path%% *}" "${path#* }"; then
			put_name "${path#* }" >>"$D/changed-whole"
		fi
	done <"$D/changed"
	echo tar
	pack "$D/changed-whole"
}

case $2 in
first) first ;;
changes) changes ;;
esac
