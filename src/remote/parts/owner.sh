# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154
# ---- owners: the systemd unit of a process, and what systemd does when the unit ends ----
me=$(id -u)

# cgroup_of PID: `cgroup`, its path in systemd's hierarchy, or in version 2's.
cgroup_of() {
	cgroup=
	while IFS=: read -r _ list path; do
		case $list in
		'') [ -n "$cgroup" ] || cgroup=$path ;;
		name=systemd) [ "$path" = / ] || cgroup=$path ;;
		esac
	done <"/proc/$1/cgroup"
} 2>/dev/null

# unit_of CGROUP: the unit of that path by systemd's own rule: slices, then the unit; below a user's
# manager the same again.  Sets `manager` (system, or the user's number), `unit`, and `below`, the path
# down to it; a cgroup of no unit leaves them empty.
unit_of() {
	manager='' unit='' below='' path='' rest=${1#/} user=system
	while [ -n "$rest" ]; do
		part=${rest%%/*}
		path=$path/$part
		case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
		case $part in
		*.slice) continue ;;
		*[!A-Za-z0-9:_.@\\-]*) return ;;
		*.service | *.scope) ;;
		*) return ;;
		esac
		manager=$user unit=${part#_} below=$path
		user=${part#user@}
		user=${user%.service}
		case $manager,$part,$user in
		system,user@*,*[!0-9]*) return ;;
		system,user@*) ;;
		*) return ;;
		esac
	done
}

# as_user UID GID COMMAND...: what it prints, run with that user's rights where it is another's than the
# login's.  Neither one that hangs nor a user who keeps its output open takes more than 4 seconds.
as_user() {
	uid=$1 gid=$2
	shift 2
	if [ "$uid" != "$me" ]; then
		[ "$me" = 0 ] || return
		set -- setpriv "--reuid=$uid" "--regid=$gid" --clear-groups --no-new-privs "$@"
	fi
	timeout -k 1 3 env -i "PATH=$PATH" LC_ALL=C "XDG_RUNTIME_DIR=/run/user/$uid" "$@" </dev/null | timeout -k 1 4 head -c 262144
} 2>/dev/null

# ask_systemd MANAGER ARGUMENT...: systemctl of the system's manager, or of a user's.
ask_systemd() {
	who=$1
	shift
	case $who in
	system) as_user "$me" '' systemctl "$@" ;;
	*) as_user "$who" "$(stat -c %g "/run/user/$who" 2>/dev/null)" systemctl --user "$@" ;;
	esac
}

# units_say: for lines "PID MANAGER UNIT" on input, what systemd says of the units:
#   unit-is PID KEY=VALUE   properties that are not empty; of units that trigger, uphold or are bound to
#                           it only the active ones, of those that it starts only those that can be
#   unit-silent PID         systemd did not answer
units_say() {
	asked=$(cat)
	[ -n "$asked" ] || return
	for who in $(printf '%s\n' "$asked" | awk '{ print $2 }' | sort -u | head -n 8); do
		# shellcheck disable=SC2046 # names of units, which have no blanks
		said=$(ask_systemd "$who" show -p Id,LoadState,ActiveState,MainPID,ControlPID,Type,KillMode,RemainAfterExit \
			-p Restart,RestartForceExitStatus,WatchdogUSec,ExecStop,ExecStopPost,OnFailure,OnSuccess,FailureAction,SuccessAction \
			-p TriggeredBy,UpheldBy,BoundBy,PropagatesStopTo,UnitFileState -- \
			$(printf '%s\n' "$asked" | awk -v who="$who" '$2 == who { print $3 }' | sort -u))
		others=$(printf '%s\n' "$said" | awk -F= '/^(TriggeredBy|UpheldBy|BoundBy|PropagatesStopTo|OnFailure|OnSuccess)=/ {
			n = split($2, unit, " "); for (i = 1; i <= n; i++) if (unit[i] ~ /^[A-Za-z0-9:_.@\\-]+$/ && !seen[unit[i]]++) print unit[i] }' | head -n 64)
		states=
		# shellcheck disable=SC2086 # as above
		[ -z "$others" ] || states=$(ask_systemd "$who" show -p Id,ActiveState,LoadState -- $others)
		{
			printf '%s\n' "$asked" | sed 's/^/asked /'
			printf '%s\n\n' "$states" | sed 's/^/state /'
			printf '%s\n\n' "$said" | sed 's/^/said /'
		} | awk -v who="$who" '
			function value(key, i) { for (i = 1; i <= n; i++) if (index(line[i], key "=") == 1) return substr(line[i], length(key) + 2); return "" }
			# Of a list of units those that matter; all where their state is not known.
			function matter(key, list, out, i, k, part) {
				k = split(list, part, " "); out = ""
				for (i = 1; i <= k; i++)
					if (!(part[i] in active) || (key ~ /^On/ ? !gone[part[i]] : active[part[i]])) out = out (out == "" ? "" : " ") part[i]
				return out
			}
			function state(id) {
				id = value("Id")
				active[id] = value("ActiveState") ~ /^(active|activating|reloading|refreshing)$/
				gone[id] = value("LoadState") ~ /^(masked|not-found)$/
			}
			function said(i, k, at, key, text, pid) {
				k = split(pids[value("Id")], pid, " ")
				for (at = 1; at <= k; at++) {
					known[pid[at]] = 1
					for (i = 1; i <= n; i++) {
						key = line[i]; sub(/=.*/, "", key)
						text = substr(line[i], length(key) + 2, 400)
						if (key ~ /^(TriggeredBy|UpheldBy|BoundBy|PropagatesStopTo|OnFailure|OnSuccess)$/) text = matter(key, text)
						if (text != "") print "unit-is", pid[at], key "=" text
					}
				}
			}
			$1 == "asked" { if ($3 == who) { pids[$4] = pids[$4] " " $2; all[$2] = 1 } next }
			{ kind = $1; rest = substr($0, length(kind) + 2) }
			rest != "" { if (n < 64) line[++n] = rest; next }
			{ if (n && kind == "state") state(); else if (n) said(); n = 0 }
			END { for (pid in all) if (!(pid in known)) print "unit-silent", pid }'
	done
}

# units PID...: "unit PID MANAGER UNIT" of each that is of one, and where systemd runs what it says.
units() {
	found=$(for pid; do
		cgroup_of "$pid"
		unit_of "$cgroup"
		[ -z "$unit" ] || echo "$pid $manager $unit"
	done)
	[ -n "$found" ] || return
	printf '%s\n' "$found" | sed 's/^/unit /'
	[ ! -d /run/systemd/system ] || printf '%s\n' "$found" | grep '\.service$' | units_say
}

# pid_roots PID...: "root PID DEVICE:INODE" of their root directories, "own-root DEVICE:INODE" of the login's.
pid_roots() {
	for pid; do
		echo "/proc/$pid/root"
	done | xargs stat -L -c 'root %n %d:%i' 2>/dev/null | sed 's,^root /proc/\([0-9]*\)/root,root \1,'
	stat -L -c 'own-root %d:%i' /
}
