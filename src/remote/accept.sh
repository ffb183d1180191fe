# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# accept.sh D PASS: take what bring.sh sends in that pass, with D/place (place.pl), which says
# how.  All that was made and replaced is listed in D, so that it can be taken back.
#   first     unpack it beside, then give each file its name, where that is free.  A file that is
#             to be replaced (D/replace) is kept under another name first.
#   changes   bring those up to date
D=$1

. parts/own.sh
. parts/note.sh
. parts/arrived.sh

ours "$D" || not_ours "$D"

command -v perl >/dev/null 2>&1 || fail no-program "there is no perl, by which files are placed"
if [ "$2" = first ]; then
	cat >"$D/place" <<'END' || fail unwritten "cannot write to $D: is the disk full?"
do 'parts/place.pl';
END
fi
options=--numeric-owner
case $(tar --version 2>/dev/null) in
*GNU*) options="--numeric-owner --xattrs --xattrs-include=* --acls" ;;
esac
set -f
# shellcheck disable=SC2086 # words
perl "$D/place" "$2" "$D" "$(uname -m)" $options || exit 1
set +f
[ "$2" = first ] || arrived files
