# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# bring.sh D PASS: send the files listed in D/bring (no leading slash): content,
# owner, mode, times, extended attributes, holes.
#   first     all of them as one tar stream, before the freeze, with the directories
#             that they lie in; how each was is noted in D/was
#   changes   once the source is held, what has changed since, as lines and bytes:
#               gone PATH            it is no more
#               patch SIZE PATH      it has changed in these blocks of 4 MiB:
#               block N BYTES        and so many bytes
#               times SECONDS PATH   and is so old
#               tar                  what else has changed, to the end
D=$1
list=$D/bring
sums=

# stamp: how the files named on input (each ending in NUL) are: nanoseconds where stat has them.
stamp() {
	(cd / && xargs -0 stat -c '%i %s %y %z %f %u %g %n' -- 2>/dev/null)
}

# blocks PATH: a sum for each block of 4 MiB; nothing where split cannot.
blocks() {
	# shellcheck disable=SC2016 # split's own
	(cd / && split -b 4M --filter='cksum' -- "$1" 2>/dev/null)
}

# is_big PATH: its blocks are worth telling apart: no small file, and no hole.
is_big() {
	[ -f "/$1" ] && [ ! -L "/$1" ] && stat -c '%s %b %B' "/$1" | {
		read -r size blocks unit
		[ "$size" -gt 8388608 ] && [ $((blocks * unit)) -gt $((size / 2)) ]
	}
}

# pack LIST: as a tar stream; busybox's tar takes no list.
pack() {
	case $(tar --version 2>/dev/null) in
	*GNU*)
		exec tar -cf - -C / --numeric-owner --sparse --xattrs --acls --no-recursion --ignore-failed-read --no-unquote --verbatim-files-from -T "$1" 2>/dev/null
		;;
	esac
	list=$1
	set --
	while IFS= read -r path; do
		set -- "$@" "$path"
	done <"$list"
	if [ $# -eq 0 ]; then
		head -c 10240 /dev/zero
		return
	fi
	exec tar -cf - -C / --numeric-owner --no-recursion "$@" 2>/dev/null
}

first() {
	# With all directories on the way to them, for their owner and mode.
	awk '{ n = split($0, part, "/"); path = ""
		for (i = 1; i < n; i++) { path = path (i > 1 ? "/" : "") part[i]; if (!seen[path]++) print path }
		if (!seen[$0]++) print }' "$list" >"$D/bring-all"
	mkdir -p "$D/sums"
	date +%s >"$D/was-at"
	tr '\n' '\000' <"$list" | stamp >"$D/was"
	# Before they are sent: what changes meanwhile is sent again then.
	while IFS= read -r path; do
		if is_big "$path"; then
			sums=$(stat -c %d-%i "/$path")
			blocks "$path" >"$D/sums/$sums"
		fi
	done <"$list"
	pack "$D/bring-all"
}

# patch PATH: what changed in a big file; false when it must go whole.
patch() {
	was=$D/sums/$(stat -c %d-%i "/$1")
	[ -s "$was" ] || return
	size=$(stat -c %s "/$1")
	echo "patch $size $1"
	blocks "$1" | awk -v was="$was" -v size="$size" '{ old = ""; getline old <was
		if ($0 != old) { left = size - (NR - 1) * 4194304; print NR - 1, left < 4194304 ? left : 4194304 } }' |
		while read -r n bytes; do
			echo "block $n $bytes"
			dd if="/$1" bs=4194304 skip="$n" count=1 2>/dev/null
		done
	echo "times $(stat -c %Y "/$1") $1"
}

changes() {
	exec 3<>"$D/snd"
	until [ -e "$D/s.held" ]; do
		read -r word <&3
		# Another sender may wait for the same word.
		echo "$word" >&3
		[ "$word" = over ] && exit 1
	done
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
				if (path in is) { if (!(path in was) || was[path] != is[path] || path in young) print path }
				else print "gone /" path >(D "/gone")
			}
		}' /dev/null >"$D/changed"
	[ ! -e "$D/gone" ] || cat "$D/gone"
	true >"$D/changed-whole"
	while IFS= read -r path; do
		if [ -d "/$path" ] || ! is_big "$path" || ! patch "$path"; then
			echo "$path" >>"$D/changed-whole"
		fi
	done <"$D/changed"
	echo tar
	pack "$D/changed-whole"
}

case $2 in
first) first ;;
changes) changes ;;
esac
