# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# find_freezers: where the hierarchies are mounted that can freeze: $unified, $freezers.
find_freezers() {
	unified=
	freezers=
	while read -r _ dir type options _; do
		case $type,$options, in
		cgroup2,*) unified="$unified $dir" ;;
		cgroup,*,freezer,*) freezers="$freezers $dir" ;;
		esac
	done </proc/self/mounts
} 2>/dev/null

# frozen_by PID: whether its cgroup is frozen, or is about to be: by which one, in $frozen.
# No other program is started for it.
frozen_by() {
	frozen_among <"/proc/$1/cgroup"
} 2>/dev/null

# frozen_among: the same of lines "N:LIST:PATH" on input.
frozen_among() {
	while IFS=: read -r _ list path; do
		path=${path%/}
		frozen=$path
		case ,$list, in
		,,) unified_freezes "$path" && return ;;
		*,freezer,*)
			for top in $freezers; do
				word=
				read -r word <"$top$path/freezer.state"
				case $word in FR*) return ;; esac
			done
			;;
		esac
	done
	return 1
} 2>/dev/null

# thread_cgroups: of all $pids, the lines of /proc/TID/cgroup, each once.  A thread may be in another
# cgroup than its process: below one that is threaded, or in version 1.
thread_cgroups() {
	# shellcheck disable=SC2016 # expanded by that sh
	paths task | xargs sh -c 'find "$@" -maxdepth 2 -name cgroup -exec cat {} +' sh | sort -u
} 2>/dev/null

# unified_freezes PATH: all of that cgroup is, or one above it was told to.
unified_freezes() {
	for top in $unified; do
		while read -r key word; do
			[ "$key $word" != 'frozen 1' ] || return 0
		done <"$top$1/cgroup.events"
		while
			word=
			read -r word <"$top$frozen/cgroup.freeze"
			[ "$word" != 1 ]
		do
			[ -n "$frozen" ] || break
			frozen=${frozen%/*}
		done
		[ "$word" != 1 ] || return 0
		frozen=$1
	done
	return 1
}
