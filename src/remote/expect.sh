# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# expect.sh D WHAT: what the copy is to be compared with before it may run, on the input:
#   nodes    "DEVICE:INODE NAME" of files on this host, as the check before the move saw them
#   expect   what print.sh prints at the source: the holder waits for it
# Both end with a line "end".  Prints "fail CODE SENTENCE" when it did not arrive whole.
D=$1

. parts/own.sh

move_dir "$D" || not_ours "$D"
head -c 67108864 >"$D/$2.$$" || fail unwritten "cannot write to $D: is the disk full?"
if [ "$(tail -n 1 "$D/$2.$$")" != end ]; then
	rm -f "$D/$2.$$"
	fail torn "what the copy is to be compared with did not arrive whole"
fi
mv -f "$D/$2.$$" "$D/$2" || fail unwritten "cannot write to $D: is the disk full?"
[ "$2" = expect ] || exit 0
{ true >"$D/s.expected"; } 2>/dev/null || ln "$D/blank" "$D/s.expected" 2>/dev/null
echo "state expected" 1<>"$D/ev"
echo expected 1<>"$D/ctl"
