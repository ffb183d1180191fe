# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# ---- every CRIU is started here ----

# criu_exec WORD...: become that command, which is CRIU or ends with its words.
# A file in /etc/criu or ~/.criu on this host, or a variable of the login's environment, could tell CRIU to leave
# the tree running, say, and so break the handover: CRIU reads no such file, and has no variable but these.
criu_exec() {
	exec env -i PATH="$PATH" LC_ALL=C ${ACT:+ACT="$ACT"} "$@" --no-default-config
}

# criu_run WORD...: the same beside the script.
criu_run() {
	(criu_exec "$@")
}
