# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# ---- a tree's fingerprint: a line for each property that its copy must have too ----
# The same code looks at the held tree at the source and at the held copy at the
# destination; compare.sh says which differences matter.  It reads /proc, by few
# programs that each look at all processes at once: it runs within the pause.
#
#   pferry-fingerprint 1 [threads]    threads: some thread differs from its process
#   proc PID own|other                own: in the mount namespace of who looks
#   WHAT PID WHICH ACCESS KIND OWNER:GROUP MODE DEVICE:INODE NAME
#   task PID/TID                      that thread has descriptors of its own
#   end
# WHAT is fd, exe, cwd, root or map; a thread's, PID/TID for PID, only where it has
# another than its process.  PIDs are those that the tree itself has for them.
# WHICH is the number of a descriptor or the range of addresses, else "-".
# ACCESS, of a descriptor: r, w or b(oth), a(ppend), p(ath only); n(onblock), c(lose on exec).
# KIND is file, dir, fifo, sock or link, with a name on a file system; kernel, in /proc
# or /sys; tty; chr:MAJOR:MINOR, blk:MAJOR:MINOR; shm, memory that no file has;
# memfd; or another kind without a name, such as pipe, socket or eventpoll.
# What does not matter for a kind is "-", what could not be seen is "?".
# A name that was deleted ends in "\040(deleted)", as the kernel has it.

# fp_links LIST [threads]: the links of /proc to look at, of all processes in LIST ("PID START" lines).
fp_links() {
	echo /proc/self/ns/mnt
	while read -r fp_pid _; do
		fp=/proc/$fp_pid
		printf '%s\n' "$fp/ns/mnt" "$fp/exe" "$fp/cwd" "$fp/root" "$fp/fd"/* "$fp/map_files"/*
		[ -z "$2" ] || fp_threads
	done <"$1"
}

# Those of its threads, but the first, which is the process itself.
fp_threads() {
	set -- "$fp/task"/*
	[ $# -gt 1 ] || return
	fp_threads=$#
	for fp_task; do
		[ "$fp_task" = "$fp/task/$fp_pid" ] || printf '%s\n' "$fp_task/cwd" "$fp_task/root"
	done
	set -- "$fp/fd"/*
	# A thousand threads with a thousand descriptors each are not looked at one by one.
	[ $((fp_threads * $#)) -le 100000 ] || return
	for fp_task in "$fp/task"/*; do
		[ "$fp_task" = "$fp/task/$fp_pid" ] || printf '%s\n' "$fp_task/fd"/*
	done
}

# fingerprint LIST [threads]: by perl where the move has brought a program for it, in half of the time.
fingerprint() {
	if [ -e "$D/fingerprint" ] && perl "$D/fingerprint" "$@" 2>/dev/null; then
		return
	fi
	{
		fp_links "$@" | QUOTING_STYLE=c xargs stat -c %N
		fp_links "$@" | xargs stat -L -c '%n %f %u %g %d %i %t:%T'
	} 2>/dev/null | LC_ALL=C awk -v q="'" "$AWK_NAMES"'
		# As C writes a string: what GNU stat prints with QUOTING_STYLE=c.
		function unquote(s, out, at, c) {
			out = ""
			while ((at = index(s, "\\")) > 0) {
				out = out substr(s, 1, at - 1)
				c = substr(s, at + 1, 1)
				if (c ~ /[0-7]/) {
					out = out substr(s, at, 4)
					s = substr(s, at + 4)
				} else {
					out = out ((c in escape) ? escape[c] : c)
					s = substr(s, at + 2)
				}
			}
			return out s
		}
		function blanks(s, part, n, i, out) {
			if (index(s, " ") == 0) return s
			n = split(s, part, / /)
			out = part[1]
			for (i = 2; i <= n; i++) out = out "\\040" part[i]
			return out
		}
		# own TASK: the id that the tree has for it; TASK is a directory of /proc.
		function own(dir, line, word, n, id) {
			if (dir in ids) return ids[dir]
			id = dir
			sub(/.*\//, "", id)
			while ((getline line <(dir "/status")) > 0) {
				if (line ~ /^NSpid:/) {
					n = split(line, word)
					id = word[n]
					break
				}
			}
			close(dir "/status")
			ids[dir] = id
			return id
		}
		function access(pid, fd, file, line, flags, n, out) {
			file = "/proc/" pid "/fdinfo/" fd
			flags = ""
			while ((getline line <file) > 0) {
				if (line ~ /^flags:/) {
					flags = line
					break
				}
			}
			close(file)
			sub(/^flags:[ \t]*/, "", flags)
			n = length(flags)
			if (n == 0) return "?"
			out = substr("rwbx", substr(flags, n, 1) % 4 + 1, 1)
			if (n >= 4 && int(substr(flags, n - 3, 1) / 2) % 2) out = out "a"
			if (n >= 8 && substr(flags, n - 7, 1) % 2) out = out "p"
			if (n >= 4 && int(substr(flags, n - 3, 1) / 4) % 2) out = out "n"
			if (n >= 7 && int(substr(flags, n - 6, 1) / 2) % 2) out = out "c"
			return out
		}
		# same A B: two links lead to one thing.
		function same(a, b) { return target[a] == target[b] && info[a] == info[b] && !twice[a] && !twice[b] }
		# look LINK WHAT: KIND OWNER:GROUP MODE NODE NAME of it.
		function look(link, what, t, f, kind, type, name, n, part, first) {
			t = target[link]
			if (twice[link]) return "? ? ? ? ?"
			if (substr(t, 1, 1) != "/" && substr(t, 1, 1) != "(") {
				sub(/^anon_inode:/, "", t)
				gsub(/[^a-zA-Z_-]/, "", t)
				return t " - - - -"
			}
			if (t ~ /^\/(memfd:|SYSV|dev\/zero \(deleted\)|anon_hugepage|\[aio\])/)
				return what == "map" ? "shm - - - -" : "memfd - - - " blanks(t)
			if (t ~ /^\/proc\/[0-9]/) {
				n = split(t, part, "/")
				if (("/proc/" part[3]) in ids) {
					first = "/proc/" part[3]
					t = "/proc/" ids[first] substr(t, length(first) + 1)
				}
			}
			name = blanks(t)
			if (t ~ /^\/(proc|sys)(\/|$)/) {
				# /proc forgets its names, and then has them again.
				sub(/(\\040\(deleted\))+$/, "", name)
				return "kernel - - - " name
			}
			if (!(link in info)) return "? ? ? ? " name
			split(info[link], f, " ")
			type = length(f[1]) == 4 ? substr(f[1], 1, 1) : "0"
			split(f[6], part, ":")
			if (type == "2" && part[1] ~ /^(4|5|8[89a-f])$/) return "tty - - - -"
			if (type == "2" || type == "6") return (type == "2" ? "chr:" : "blk:") f[6] " - - - " name
			kind = (type in kinds) ? kinds[type] : "?"
			return kind " " f[2] ":" f[3] " " substr(f[1], length(f[1]) - 2) " " (name ~ /\\040\(deleted\)$/ ? "-" : f[4] ":" f[5]) " " name
		}
		function say(line) { said[++nsaid] = line }
		BEGIN {
			names_begin()
			n = split("a 007 b 010 t 011 n 012 v 013 f 014 r 015 \\ 134", e, " ")
			for (i = 1; i < n; i += 2) escape[e[i]] = "\\" e[i + 1]
			kinds["1"] = "fifo"; kinds["4"] = "dir"; kinds["8"] = "file"; kinds["a"] = "link"; kinds["c"] = "sock"
		}
		{
			quote = substr($0, 1, 1)
			if ((quote == "\"" || quote == q) && substr($0, 2, 6) == "/proc/") {
				at = index(substr($0, 2), quote " -> " quote)
				if (at == 0) next
				last = substr($0, 2, at - 1)
				if (last in target) twice[last] = 1
				else order[++links] = last
				raw[last] = quote != "\""
				target[last] = substr($0, at + 7)
			} else if (substr($0, 1, 6) == "/proc/" && NF == 7) {
				if ($1 in info) twice[$1] = 1
				info[$1] = $2 " " $3 " " $4 " " $5 " " $6 " " $7
			} else if (last != "") {
				# A name with a newline, as it is.
				target[last] = target[last] "\n" $0
			}
		}
		END {
			for (i = 1; i <= links; i++) {
				link = order[i]
				t = target[link]
				t = substr(t, 1, length(t) - 1)
				if (!raw[link]) t = unquote(t)
				else if (t ~ /[^ ]/) {
					n = split(t, part, / /)
					t = names_word(part[1])
					for (k = 2; k <= n; k++) t = t " " names_word(part[k])
				}
				target[link] = t
				n = split(link, part, "/")
				if (part[4] == "ns" && part[3] != "self") {
					pid = own("/proc/" part[3])
					say("proc " pid " " (target[link] == target["/proc/self/ns/mnt"] ? "own" : "other"))
				}
				if (part[4] == "fd") fds[part[3]]++
				if (part[6] == "fd") fds[part[3] "/" part[5]]++
				if (part[4] == "map_files") {
					split(part[5], range, "-")
					from[part[3] " " range[1]] = link
					to[part[3] " " range[2]] = link
				}
			}
			for (i = 1; i <= links; i++) {
				link = order[i]
				split(link, part, "/")
				pid = part[3]
				what = part[4]
				if (what == "ns") continue
				if (what == "task") {
					what = part[6]
					tid = part[5]
					whole = "/proc/" pid "/" what (what == "fd" ? "/" part[7] : "")
					differs = !same(link, whole)
					if (what == "fd" && (differs || fds[pid] != fds[pid "/" tid]) && !apart[pid "/" tid]++)
						say("task " own("/proc/" pid) "/" own("/proc/" pid "/task/" tid))
					if (what != "fd" && differs)
						say(what " " own("/proc/" pid) "/" own("/proc/" pid "/task/" tid) " - - " look(link, what))
					if (differs || apart[pid "/" tid]) threads = " threads"
				} else if (what == "fd") {
					say("fd " own("/proc/" pid) " " part[5] " " access(pid, part[5]) " " look(link, what))
				} else if (what == "map_files") {
					split(part[5], range, "-")
					before = pid " " range[1]
					# One line for all that follows each other of one file.
					if ((before in to) && same(to[before], link)) continue
					end = range[2]
					while (((pid " " end) in from) && same(from[pid " " end], link)) {
						split(from[pid " " end], next_part, "/")
						split(next_part[5], next_range, "-")
						end = next_range[2]
					}
					say("map " own("/proc/" pid) " " range[1] "-" end " - " look(link, "map"))
				} else {
					say(what " " own("/proc/" pid) " - - " look(link, what))
				}
			}
			print "pferry-fingerprint 1" threads
			for (i = 1; i <= nsaid; i++) print said[i]
			print "end"
		}'
}
