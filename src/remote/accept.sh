# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# accept.sh D PASS: take what bring.sh sends in that pass.
#   first     unpack it beside, then give each file its name by link(2), which never
#             replaces one that is there.  A file that is to be replaced (D/replace)
#             is kept under another name first.  What was made is listed in D/brought
#             (INODE PATH), what was kept in D/kept (PATH; the name is PATH.pferry-ID), so that all can be
#             taken back.
#   changes   bring those up to date
D=$1
new=$D/files

. parts/arrived.sh
. parts/tree.sh

start_of $$ && echo "$$ $start" >"$D/accepting"

unpack() {
	rm -rf "$new"
	mkdir -p "$new"
	options=--numeric-owner
	case $(tar --version 2>/dev/null) in
	*GNU*) options="--numeric-owner --xattrs --xattrs-include=* --acls" ;;
	esac
	# shellcheck disable=SC2086 # words
	why=$(set -f && tar -xpf - -C "$new" $options 2>&1) ||
		fail "the files could not be written: $(printf '%s' "$why" | head -n 1)"
}

note() {
	echo "$(stat -c %i "$1") $1" >>"$D/brought"
}

# brought PATH: it was made by us.
brought() {
	grep -qxF "$(stat -c %i "$1" 2>/dev/null) $1" "$D/brought"
}

# make_dir PATH: with its parents, like those at the source.
make_dir() {
	[ -d "$1" ] && return
	make_dir "$(dirname "$1")" || return
	mkdir -m 755 "$1" || return
	if [ -d "$new$1" ]; then
		chown --reference="$new$1" "$1" || chown "$(stat -c %u:%g "$new$1")" "$1"
		# A number leaves a directory's setgid bit as it is.
		chmod u-s,g-s "$1"
		chmod "$(stat -c %a "$new$1")" "$1"
	fi
	note "$1"
} 2>/dev/null

# place PATH: give what was unpacked its name, if that is free.
place() {
	if ln "$new$1" "$1"; then
		rm -f "$new$1"
	else
		[ ! -e "$1" ] && cp -a "$new$1" "$1.pferry-new" && ln "$1.pferry-new" "$1"
		made=$?
		rm -f "$1.pferry-new"
		[ "$made" -eq 0 ] || return
	fi
	note "$1"
} 2>/dev/null

# keep PATH: under another name, for the way back.
keep() {
	ln "$1" "$1.pferry-${D##*/}" && echo "$1" >>"$D/kept" && rm -f "$1"
} 2>/dev/null

first() {
	unpack
	true >"$D/brought"
	while IFS= read -r path; do
		path=/${path#/}
		if [ -d "$new$path" ]; then
			make_dir "$path" || fail "cannot make the directory $path"
			continue
		fi
		if [ -e "$path" ]; then
			grep -qxF "$path" "$D/replace" 2>/dev/null || continue
			keep "$path" || fail "cannot keep $path before it is replaced"
		fi
		[ -e "$new$path" ] || continue
		make_dir "$(dirname "$path")" || fail "cannot make the directory of $path"
		place "$path" || fail "cannot write $path"
	done <"$D/bring"
	rm -rf "$new"
}

changes() {
	path=
	while IFS= read -r line; do
		rest=${line#* }
		case $line in
		'gone '*) ! brought "$rest" || rm -f "$rest" ;;
		'patch '*)
			size=${rest%% *}
			path=/${rest#* }
			brought "$path" || fail "$path is not what it was a moment ago"
			truncate -s "$size" "$path" || dd of="$path" bs=1 seek="$size" count=0 2>/dev/null
			;;
		'block '*)
			head -c "${rest#* }" | dd of="$path" bs=4194304 seek="${rest% *}" conv=notrunc 2>/dev/null ||
				fail "cannot write $path"
			;;
		'times '*) touch -d "@${rest%% *}" "$path" ;;
		tar) break ;;
		*) fail "the changes of the files did not arrive whole" ;;
		esac
	done
	[ "$line" = tar ] || fail "the changes of the files did not arrive whole"
	unpack
	(cd "$new" && find . ! -type d) | while IFS= read -r path; do
		path=${path#.}
		if brought "$path"; then
			mv -f "$new$path" "$path" && note "$path" || fail "cannot write $path"
		elif [ ! -e "$path" ]; then
			make_dir "$(dirname "$path")"
			place "$path" || fail "cannot write $path"
		fi
	done || exit 1
	rm -rf "$new"
	arrived files
}

case $2 in
first) first ;;
changes) changes ;;
esac
