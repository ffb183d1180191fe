# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion for pferry: commands, options, and hosts as ssh knows them from
# its configuration; nothing is asked of the network.
_pferry() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} hosts
	case $prev in
	-F | --ssh-config | --config | --log | --hook | --direct-key) mapfile -t COMPREPLY < <(compgen -f -- "$cur") && return ;;
	--mode) mapfile -t COMPREPLY < <(compgen -W 'auto plain precopy postcopy' -- "$cur") && return ;;
	--via) mapfile -t COMPREPLY < <(compgen -W 'auto relay direct scp' -- "$cur") && return ;;
	--color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur") && return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(pferry --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*')" -- "$cur")
		return
	fi
	hosts=$(sed -n 's/^[[:space:]]*[Hh][Oo][Ss][Tt][[:space:]=][[:space:]=]*//p' ~/.ssh/config /etc/ssh/ssh_config 2>/dev/null | tr -s '[:blank:]' '\n' | grep -v '[*?!]')
	[ "$COMP_CWORD" -gt 1 ] || hosts="ls check move save restore recover $hosts"
	mapfile -t COMPREPLY < <(compgen -W "$hosts" -- "$cur")
	case ${COMP_WORDS[1]} in
	save | restore) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur") ;;
	esac
}
complete -F _pferry pferry
