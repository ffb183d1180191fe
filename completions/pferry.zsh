#compdef pferry
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for pferry: commands, options, and hosts as ssh knows them from
# its configuration; nothing is asked of the network.
_pferry() {
	local -a hosts options
	case ${words[CURRENT - 1]} in
	-F | --ssh-config | --config | --log | --hook | --direct-key) _files && return ;;
	--mode) compadd auto plain precopy postcopy && return ;;
	--via) compadd auto relay direct scp && return ;;
	--color) compadd auto always never && return ;;
	esac
	if [[ ${words[CURRENT]} == -* ]]; then
		options=(${(f)"$(pferry --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)"})
		compadd -- $options
		return
	fi
	hosts=(${(f)"$(sed -n 's/^[[:space:]]*[Hh][Oo][Ss][Tt][[:space:]=][[:space:]=]*//p' ~/.ssh/config /etc/ssh/ssh_config 2>/dev/null |
		tr -s '[:blank:]' '\n' | grep -v '[*?!]' | sort -u)"})
	((CURRENT == 2)) && compadd ls check move save restore recover
	compadd -- $hosts
	[[ ${words[2]} == (save|restore) ]] && _files
}
_pferry "$@"
