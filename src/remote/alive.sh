# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# alive.sh PID START WAS [NAME]: whether that process still runs here, asked before pferry
# says so of a move that was undone.  START 0: whatever has that pid.  WAS is "frozen"
# when the move had frozen it: a signal that was queued meanwhile, a watchdog's say,
# ends it only after CRIU has let go, so a second look follows the first.
# With NAME it must be called that.
# Changes nothing.  Prints "alive 1" or "alive 0".

. parts/tree.sh

# Of the states and flags of a thread: ended, exiting, writing its core, killed by a signal.
runs_on() {
	start_of "$1" || return
	[ "$2" = 0 ] || [ "$start" = "$2" ] || return
	for task in "/proc/$1/task"/*; do
		start_of "$1/task/${task##*/}" || continue
		case $run_state in Z | X) continue ;; esac
		[ $((flags & 0x604)) -ne 0 ] || return 0
	done
	return 1
}

alive=1
runs_on "$1" "$2" || alive=0
name=
[ -z "$4" ] || { read -r name <"/proc/$1/comm" && [ "$name" = "$4" ]; } 2>/dev/null || alive=0
if [ "$alive" = 1 ] && [ "$3" = frozen ]; then
	sleep 0.3 2>/dev/null || sleep 1
	runs_on "$1" "$2" || alive=0
fi
echo "alive $alive"
