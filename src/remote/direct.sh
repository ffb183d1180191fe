# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# direct.sh D HOST PORT USER KEY SENDER RECEIVER: what the command line SENDER
# prints goes straight to RECEIVER on the destination, by this host's ssh and
# the operator's agent, which is forwarded for as long as this runs.  The
# destination must have the host KEY that pferry knows it by: nothing is looked
# up in this host's known_hosts, and no key lies on it.
D=$1
command -v ssh >/dev/null 2>&1 || fail "there is no ssh command"
[ -n "$SSH_AUTH_SOCK" ] || fail "no agent was forwarded (AllowAgentForwarding)"
echo "pferry $5" >"$D/known"
sh -c "$6" | ssh -F /dev/null -T -o BatchMode=yes -o ConnectTimeout=5 -o StrictHostKeyChecking=yes \
	-o UserKnownHostsFile="$D/known" -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias=pferry -o ControlPath=none \
	-o ForwardAgent=no -o ClearAllForwardings=yes -o Compression=no -o LogLevel=ERROR \
	-o Ciphers=^aes128-gcm@openssh.com,aes256-gcm@openssh.com -p "$3" -l "$4" -- "$2" "$7"
