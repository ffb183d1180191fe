# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# accept.sh D: unpack what bring.sh sends beside, then give each file its name
# by link(2), which never replaces one that is there.  What was made is listed
# in D/brought (INODE PATH), so that it can be taken back.
D=$1
mkdir -p "$D/files"
why=$(tar -xpf - -C "$D/files" --numeric-owner --xattrs 2>&1) ||
	fail "the files could not be written: $(printf '%s' "$why" | head -n 1)"
: >"$D/brought"
note() {
	echo "$(stat -c %i "$1") $1" >>"$D/brought"
}
# make_dir PATH: with its parents, like those at the source where they came along.
make_dir() {
	[ -d "$1" ] && return
	make_dir "$(dirname "$1")" || return
	mkdir -m 755 "$1" || return
	if [ -d "$D/files$1" ]; then
		chown --reference="$D/files$1" "$1"
		chmod --reference="$D/files$1" "$1"
	fi
	note "$1"
} 2>/dev/null
while IFS= read -r path; do
	path=/${path#/}
	[ -e "$path" ] && continue
	if [ -d "$D/files$path" ]; then
		make_dir "$path" || fail "cannot make the directory $path"
		continue
	fi
	make_dir "$(dirname "$path")" || fail "cannot make the directory of $path"
	cp -a "$D/files$path" "$path.pferry-new" 2>/dev/null && ln "$path.pferry-new" "$path" 2>/dev/null
	made=$?
	rm -f "$path.pferry-new"
	[ "$made" -eq 0 ] || fail "cannot write $path"
	note "$path"
done <"$D/bring"
rm -rf "$D/files"
arrived files
