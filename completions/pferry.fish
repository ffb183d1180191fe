# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for pferry: commands, options, and hosts as ssh knows them from
# its configuration; nothing is asked of the network.
function __pferry_hosts
    sed -n 's/^[[:space:]]*[Hh][Oo][Ss][Tt][[:space:]=][[:space:]=]*//p' ~/.ssh/config /etc/ssh/ssh_config 2>/dev/null | tr -s '[:blank:]' '\n' | string match -v -r '[*?!]'
end

complete -c pferry -f -a '(__pferry_hosts)'
complete -c pferry -n __fish_use_subcommand -a ls -d 'Print the trees of hosts'
complete -c pferry -n __fish_use_subcommand -a check -d 'Say whether a process will move'
complete -c pferry -n __fish_use_subcommand -a move -d 'Move processes'
complete -c pferry -n __fish_use_subcommand -a save -d 'Take a process into a file'
complete -c pferry -n __fish_use_subcommand -a restore -d 'Have a saved process run'
complete -c pferry -n __fish_use_subcommand -a recover -d 'Finish or undo what was cut off'
complete -c pferry -n '__fish_seen_subcommand_from save restore' -F
complete -c pferry -s F -l ssh-config -r -F -d 'Read this ssh configuration'
complete -c pferry -l config -r -F -d 'Read this configuration'
complete -c pferry -l json -d 'One JSON object a line'
complete -c pferry -l mode -x -a 'auto plain precopy postcopy' -d 'How memory goes over'
complete -c pferry -l via -x -a 'auto relay direct scp' -d 'Which way the images go'
complete -c pferry -l with-files -d 'Bring missing files along'
complete -c pferry -l whole -d 'Run it only when all of its memory is in place'
complete -c pferry -l accept -x -a 'criu-sockets file-missing file-replace pid-taken pipe-outside tcp-close' -d 'Choose what a finding leaves to you'
complete -c pferry -l hook -r -d 'Script that has its address move too'
complete -c pferry -l dump-option -x -d 'Give CRIU this option when it dumps'
complete -c pferry -l restore-option -x -d 'Give CRIU this option when it restores'
complete -c pferry -l keep-source-stopped -d 'Leave the source stopped, not killed'
complete -c pferry -l force -d 'Replace the file, restore once more'
complete -c pferry -l wait-pid -x -d 'Wait for a pid that is taken there'
complete -c pferry -l timeout -x -d 'Give up a move that takes longer'
complete -c pferry -l max-frozen -x -d 'Give up a move that freezes longer'
complete -c pferry -l lease -x -d 'Seconds until a frozen process resumes by itself'
complete -c pferry -l color -x -a 'auto always never' -d 'Colours of the browser'
complete -c pferry -l ascii -d 'Draw with ASCII only'
complete -c pferry -l mouse -d 'Take the mouse from the start'
complete -c pferry -l log -r -F -d 'Append the log to a file'
complete -c pferry -l show-scripts -d 'Print every script that may run on a host'
complete -c pferry -s V -l version -d 'Print the version'
complete -c pferry -s h -l help -d 'Print help'
