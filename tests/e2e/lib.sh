# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What end-to-end tests in POSIX sh share; those in Python have harness.py.
#
#     . "$(dirname "$0")/lib.sh"
#     lab_up 2
#     ... ok NAME; not_ok NAME WHY...; check NAME COMMAND...
#     finish
#
# Lab, browser and temporary files go away with the test, however it ends.

E2E_TOP=$(cd "$(dirname "$0")/../.." && pwd)
PFERRY=${PFERRY:-$E2E_TOP/build/pferry}
E2E_NAME=$(basename "$0")
E2E_TMP=$(mktemp -d) || exit 1
E2E_TMUX=e2e-$E2E_NAME-$$
LAB_NAME=e2e-$E2E_NAME-$(printf %s "$E2E_TOP" | cksum | cut -d" " -f1)
export PFERRY LAB_NAME
e2e_failed=0
e2e_lab=

e2e_clean() {
	tui_stop
	[ -z "$e2e_lab" ] || lab_down
	rm -rf "$E2E_TMP"
}
trap e2e_clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# --- results -----------------------------------------------------------------

ok() { printf 'ok %s\n' "$1"; }
not_ok() { # NAME WHY...
	e2e_failed=1
	e2e_what=$1
	shift
	printf 'not ok %s - %s\n' "$e2e_what" "$(printf '%s' "$*" | tr '\n' '|')"
}
skip() { printf 'skip %s - %s\n' "$1" "$2"; }

# check NAME COMMAND...: ok when it succeeds; what it prints is the reason when not.
check() {
	e2e_name=$1
	shift
	if e2e_out=$("$@" 2>&1); then
		ok "$e2e_name"
	else
		not_ok "$e2e_name" "${e2e_out:-$* failed}"
	fi
}

# Last line of a test.
finish() { exit "$e2e_failed"; }

# wait_for SECONDS COMMAND...: until it succeeds, looking every 50 ms.
wait_for() {
	e2e_end=$(($(e2e_ms) + $1 * 1000))
	shift
	until "$@"; do
		[ "$(e2e_ms)" -lt "$e2e_end" ] || return 1
		sleep 0.05
	done
}
e2e_ms() { # since boot
	read -r e2e_up _ </proc/uptime
	echo "$((${e2e_up%.*} * 1000 + 1${e2e_up#*.} * 10 - 1000))"
}

# --- lab ---------------------------------------------------------------------

lab() { "$E2E_TOP/tests/lab/lab" "$@" </dev/null; }

# lab_up N: hosts h1 to hN, their ssh configuration in LAB_CONFIG, what they share in LAB_SHARED.
lab_up() {
	e2e_lab=1
	lab down >/dev/null 2>&1
	if ! lab up "$1" >"$E2E_TMP/lab" 2>&1; then
		not_ok "lab up $1" "$(tail -n 3 "$E2E_TMP/lab")"
		exit 1
	fi
	LAB_CONFIG=$(lab ssh-config)
	# shellcheck disable=SC2034 # for the tests
	LAB_SHARED=$(lab path)/shared
}
lab_down() {
	lab down >/dev/null 2>&1
	e2e_lab=
}
# in_host HOST COMMAND...
in_host() { lab exec "$@"; }

# pferry ARGS...: with the lab's configuration.
pferry() { "$PFERRY" ${LAB_CONFIG:+-F "$LAB_CONFIG"} "$@" </dev/null; }

# --- the browser, in a tmux of its own ---------------------------------------

tui_tmux() { LC_ALL=C.UTF-8 tmux -L "$E2E_TMUX" "$@"; }

# tui_start WIDTHxHEIGHT ARGS...
tui_start() {
	e2e_size=$1
	shift
	tui_stop
	cat >"$E2E_TMP/tui" <<-'END'
		"$@"
		echo "left with $?"
		exec sleep 1000
	END
	tui_tmux -f /dev/null new-session -d -s t -x "${e2e_size%x*}" -y "${e2e_size#*x}" \
		env LC_ALL=C.UTF-8 sh "$E2E_TMP/tui" "$PFERRY" ${LAB_CONFIG:+-F "$LAB_CONFIG"} "$@"
}
tui_keys() { tui_tmux send-keys -t t "$@"; }
tui_type() { tui_tmux send-keys -t t -l "$1"; }
tui_screen() { tui_tmux capture-pane -p -t t 2>/dev/null; }
e2e_shows() { tui_screen | grep -qe "$1"; }
# tui_wait TEXT SECONDS: until a line of the screen matches; else prints the screen.
tui_wait() {
	wait_for "$2" e2e_shows "$1" && return
	tui_screen
	return 1
}
tui_stop() { tui_tmux kill-server >/dev/null 2>&1 || :; }
