# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# ---- the copy is compared with what the tree was, before it may run ----
# CRIU opens files by their names, as root, and looks at size and mode only.
# Somebody who may write in a directory on the way can have it open another file.
#
# D holds:  expect     the fingerprint of the tree at the source, the expectation
#           nodes      "DEVICE:INODE NAME" of files here, as the check before the move saw them
#           brought    "[DEVICE] INODE NAME" of files that were made here since (accept.sh)
#           unprinted  a restore from a file: what came without a fingerprint cannot be compared
#           unseen     CRIU has no root here: nobody can look at a copy that it holds, and
#                      CRIU can open nothing that the user could not
#           differs    the first difference: FIELD WHAT PID WHICH EXPECTED FOUND
# An expectation may also have come with the images, out of a file of `pferry save`.

# expectation: where it is, in $expectation; false when there is none yet.
expectation() {
	expectation=/dev/null
	[ ! -e "$D/unseen" ] || return 0
	expectation=$D/expect
	[ ! -e "$expectation" ] || return 0
	read -r I <"$D/images"
	expectation=$I/fingerprint.img
	[ -e "$expectation" ] || [ ! -e "$D/unprinted" ] || expectation=/dev/null
	[ -e "$expectation" ]
}

# compare_with FILE: the copy of the tree in D/tree with the expectation in FILE.
# Prints "same" or "differs", then a line FIELD WHAT PID WHICH EXPECTED FOUND for
# each difference, those that matter first; nothing when it could not look.
compare_with() {
	read -r boot </proc/sys/kernel/random/boot_id
	was_boot=
	[ ! -e "$D/boot" ] || read -r was_boot <"$D/boot"
	# Numbers of devices are of one boot.
	nodes=
	[ "$boot" != "$was_boot" ] || nodes=1
	read -r _ _ threads <"$1"
	fingerprint "$D/tree" "$threads" | LC_ALL=C awk -v wanted="$1" -v dir="$D" -v nodes="$nodes" "$AWK_NAMES"'
		# Which differences matter.  What is not named here is not compared.
		function rules() {
			rule["missing"] = "refuse"  # it has no such descriptor, process, mapped file
			rule["kind"] = "refuse"
			rule["name"] = "refuse"
			rule["owner"] = "refuse"
			rule["group"] = "refuse"
			rule["mode"] = "refuse"
			rule["access"] = "refuse"   # read, write, append, path only
			rule["file"] = "refuse"     # another than lay there under that name
			rule["flags"] = "warn"      # nonblock, close on exec
		}
		function differ(field, key, expected, found) {
			line = field " " key " " substr(expected, 1, 1000) " " substr(found, 1, 1000)
			if (rule[field] == "refuse") {
				if (++refused <= 20) refusals = refusals line "\n"
			} else if (++warned <= 20) {
				warnings = warnings line "\n"
			}
		}
		function compare(field, key, expected, found) {
			# Who looks without root does not see all at the source.
			if (expected == "?" ? field != "name" : expected == found) return
			differ(field, key, expected, found)
		}
		# The name of what was deleted: CRIU gives it another until that is deleted too, where some other file has
		# its name by now, and removes a directory only when the tree runs.
		function unlinked(was, is, kind, key, gone, stem) {
			gone = "\\040(deleted)"
			stem = substr(was, 1, length(was) - length(gone))
			if (was != stem gone || was == is) return is
			if (kind == "dir" && is == stem) removed[stem] = key
			return is == stem ".cr_link" gone || (stem in removed) ? was : is
		}
		# One within another would be in the way when that is removed.
		function compare_removed(i, k) {
			for (i in removed) for (k in removed)
				if (index(i, k "/") == 1) differ("name", removed[i], i "\\040(deleted)", i)
		}
		# On an overlay a file may get other numbers when it is first written to.
		function overlaid(name, line, f, n, i, point) {
			if (!mounts_read++) {
				while ((getline line <"/proc/self/mountinfo") > 0) {
					n = split(line, f, " ")
					for (i = 7; i <= n && f[i] != "-"; i++);
					mount[f[5]] = f[i + 1]
				}
				close("/proc/self/mountinfo")
			}
			point = name
			while (!(point in mount) && point != "" && point != "/")
				if (!sub(/\/[^\/]+$/, "", point)) break
			if (point == "") point = "/"
			return mount[point] == "overlay"
		}
		# Descriptors and so on: ACCESS KIND OWNER MODE NODE NAME in fields 4 to 9.
		function compare_file(key, w, h, a, b, was, is) {
			split(w, a, " ")
			split(h, b, " ")
			compare("kind", key, a[5], b[5])
			compare("name", key, a[9], unlinked(a[9], b[9], b[5], key))
			split(a[6], was, ":")
			split(b[6], is, ":")
			compare("owner", key, was[1], is[1])
			compare("group", key, was[2], is[2])
			compare("mode", key, a[7], b[7])
			was[1] = was[2] = a[4]
			is[1] = is[2] = b[4]
			gsub(/[nc]/, "", was[1])
			gsub(/[nc]/, "", is[1])
			compare("access", key, was[1], is[1])
			gsub(/[^nc]/, "", was[2])
			gsub(/[^nc]/, "", is[2])
			# CRIU opens terminals so that it does not wait for them, and sets that right later.
			if (a[5] != "tty") compare("flags", key, was[2], is[2])
			if (b[5] !~ /^(file|dir|fifo)$/ || proc[b[2]] != "own" || b[8] !~ /^[0-9]+:[0-9]+$/) return
			was[1] = (b[9] in made) ? made[b[9]] : (b[9] in node) ? node[b[9]] : b[8]
			is[1] = b[8]
			if (was[1] !~ /:/) sub(/.*:/, "", is[1])
			if (was[1] != is[1] && !overlaid(b[9])) compare("file", key, was[1], is[1])
		}
		BEGIN {
			names_begin()
			rules()
			while ((getline line <wanted) > 0) {
				split(line, f, " ")
				if (line ~ /^pferry-fingerprint 1/ || line == "end") {
					whole = line == "end"
				} else if (!((f[1] " " f[2] " " f[3]) in want)) {
					order[++count] = f[1] " " f[2] " " f[3]
					want[order[count]] = line
				}
			}
			if (nodes) {
				while ((getline line <(dir "/nodes")) > 0) {
					at = index(line, " ")
					node[substr(line, at + 1)] = substr(line, 1, at - 1)
				}
				while ((getline line <(dir "/brought")) > 0) {
					at = index(line, "/")
					n = split(substr(line, 1, at - 1), f, " ")
					made[names_word(substr(line, at))] = n > 1 ? f[1] ":" f[2] : f[1]
				}
			}
		}
		{
			have[$1 " " $2 " " $3] = $0
			if ($1 == "proc") proc[$2] = $3
			looked = $1 == "end"
		}
		END {
			if (!looked) exit
			if (!whole) differ("missing", "expectation - -", "-", "-")
			for (i = 1; i <= count; i++) {
				key = order[i]
				split(want[key], f, " ")
				if (f[1] == "proc") {
					if (!(f[2] in proc)) differ("missing", "proc " f[2] " -", "-", "-")
					continue
				}
				id = f[1] " " f[2] " " (f[3] == "" ? "-" : f[3])
				if (!(key in have)) differ("missing", id, f[9] == "" ? "-" : f[9] != "-" ? f[9] : f[5], "-")
				else if (f[1] != "task") compare_file(id, want[key], have[key])
			}
			compare_removed()
			print refused ? "differs" : "same"
			printf "%s%s", refusals, warnings
		}'
}

# compare_copy: and record the outcome, "same" or "differs".
compare_copy() {
	if [ -e "$D/unseen" ]; then
		state same
		return
	fi
	if [ "$expectation" = /dev/null ]; then
		state same unprinted - - - - -
		return
	fi
	said=$(compare_with "$expectation" 2>/dev/null)
	case $said in
	same*)
		first=${said#same}
		first=${first#"
"}
		state same "${first%%"
"*}"
		;;
	*)
		first=${said#differs}
		first=${first#"
"}
		first=${first%%"
"*}
		{ printf '%s\n' "${first:-missing fingerprint - - - -}" >"$D/differs"; } 2>/dev/null
		state differs "${first:-missing fingerprint - - - -}"
		;;
	esac
}

# forget_comparison: of another copy, that is no more.
forget_comparison() {
	if [ -e "$D/s.same" ] || [ -e "$D/s.differs" ]; then
		rm -f "$D/s.same" "$D/s.differs" "$D/differs"
	fi
}

# begin_comparison: beside the holder, once, when the expectation is there.
begin_comparison() {
	[ -z "$comparing" ] && expectation || return 0
	comparing=1
	(
		compare_copy
		echo compared 1<>"$D/ctl"
	) </dev/null >/dev/null 2>&1 4>&- &
}

# At the destination: none goes that was not compared, whatever was decided, and
# one that differs is not waited for.
await_go() {
	comparing=
	until [ -e "$D/s.differs" ]; do
		verdict=
		[ ! -e "$D/decision" ] || read -r verdict <"$D/decision"
		case $verdict in
		'') ;;
		go) [ ! -e "$D/s.same" ] || return 0 ;;
		*) return 0 ;;
		esac
		begin_comparison
		read -r _ <&4
	done
	verdict=differs
}

# The source's own images were restored here: that copy is compared too.
hold_returned() {
	forget_comparison
	expectation || exit 0
	list_tree "$CRTOOLS_INIT_PID" >"$D/tree"
	compare_copy
	[ -e "$D/s.same" ]
	exit
}
