# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# direct.sh D HOST PORT USER KEY SENDER RECEIVER [both]: what the command line SENDER
# prints goes straight to RECEIVER on the destination, by this host's ssh and
# the operator's agent, which is forwarded for as long as this runs.  The
# destination must have the host KEY that pferry knows it by: nothing is looked
# up in this host's known_hosts, and no key lies on it.
# With "both", what RECEIVER prints is SENDER's input, and SENDER tells pferry
# what it has to say on descriptor 3.
# Our input never has a byte: its end is pferry's, and all of this ends with it.
D=$1
to=$D/to.$$
from=$D/from.$$

. parts/own.sh

move_dir "$D" || not_ours "$D"
command -v ssh >/dev/null 2>&1 || fail no-program "there is no ssh command"
[ -n "$SSH_AUTH_SOCK" ] || fail no-agent "no agent was forwarded: none runs on the operator's machine, or sshd here forbids it (AllowAgentForwarding)"
echo "pferry $5" >"$D/known"
mkfifo "$to" "$from" || fail unwritten "cannot write to $D: is the disk full?"

peer() {
	exec ssh -F /dev/null -T -o BatchMode=yes -o ConnectTimeout=5 -o StrictHostKeyChecking=yes \
		-o UserKnownHostsFile="$D/known" -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias=pferry -o ControlPath=none \
		-o ForwardAgent=no -o ClearAllForwardings=yes -o Compression=no -o LogLevel=ERROR \
		-o ServerAliveInterval=5 -o ServerAliveCountMax=3 \
		-o Ciphers=^aes128-gcm@openssh.com,aes256-gcm@openssh.com -p "$3" -l "$4" -- "$2" "$7"
}

exec 4<&0 </dev/null
if [ "$8" = both ]; then
	sh -c "$6" 3>&1 >"$to" <"$from" 4<&- &
	sender=$!
	peer "$@" <"$to" >"$from" 4<&- &
else
	sh -c "$6" >"$to" 4<&- &
	sender=$!
	peer "$@" <"$to" 4<&- &
fi
link=$!
(
	read -r _ <&4
	kill "$sender" "$link"
) >/dev/null 2>&1 &
watch=$!
wait "$link"
rc=$?
kill "$watch" "$sender" 2>/dev/null
rm -f "$to" "$from"
exit "$rc"
