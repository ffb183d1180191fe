# SPDX-License-Identifier: GPL-2.0-or-later
"""Real programs that compute, write or live in a terminal: what comes out is checked."""

import os
import time

from programs import *


@program
class build(Program):
    """A build by make and gcc, in the middle; what comes out runs."""

    needs = "gcc"
    start = """mkdir -p /shared/w/build; cd /shared/w/build; export TMPDIR=/shared/w/build
        for i in $(seq 60); do echo "#include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        int f$i(int x) { return x + $i; }" >f$i.c; done
        { seq -f 'int f%g(int);' 60; echo 'int puts(const char *); int main(void) { int n = 0;'; seq -f 'n += f%g(1);' 60; echo 'return puts(n == 1890 ? "built" : "wrong"); }'; } >main.c
        printf 'prog: %s main.o\n\tgcc -o $@ $^\n%%.o: %%.c\n\tgcc -c $<; sleep 0.3\n' "$(seq -f 'f%g.o' 60 | tr '\n' ' ')" >Makefile
        setsid make -j2 </dev/null >/shared/w/build.log 2>&1 & sleep 0.3"""
    pid = "pgrep -x make"

    def after(self):
        got = wait_for(60, lambda: here.lab.sh("h1", "/shared/w/build/prog").strip())
        assert got == "built", here.lab.sh("h1", "tail -n 3 /shared/w/build.log")


@program
class shell(Logging):
    start = "setsid bash %s </dev/null >/dev/null 2>&1 &" % script("loop.sh", """
n=0
while :; do
	n=$((n + 1))
	echo $n | cat | sed 's/x/y/' >>/shared/w/shell.log
	sleep 0.05
done
""")
    pid = "pgrep -f w/loop.sh | head -n 1"


@program
class sqlite(Logging):
    needs = "sqlite3"
    start = "setsid python3 %s </dev/null >/dev/null 2>&1 &" % script("sql.py", """
import sqlite3, time
db = sqlite3.connect("/shared/w/sql.db", isolation_level=None)
db.execute("pragma journal_mode=wal")
db.execute("create table t (n integer primary key, v text)")
out = open("/shared/w/sqlite.log", "a")
n = 0
while True:
    n += 1
    db.execute("insert into t values (?, ?)", (n, "v%d" % n))
    out.write("%d\\n" % n)
    out.flush()
    time.sleep(0.02)
""")
    pid = "pgrep -f w/sql.py"

    def after(self):
        super().after()
        got = here.lab.sh("h2", "sqlite3 /shared/w/sql.db 'pragma integrity_check; select max(n) = count(*) from t'").split()
        assert got == ["ok", "1"], got


@program
class threads(Logging):
    """Threads over futexes, eventfd, timerfd, signalfd, epoll, and memory shared by two processes."""

    start = "setsid /shared/w/threads </dev/null >/dev/null 2>&1 &"
    pid = "pgrep -x threads | head -n 1"


@program
class sox(Program):
    """sox encodes; what comes out is what comes out undisturbed."""

    needs = "sox"
    start = """sox -R -n -r 44100 -c 1 /shared/w/want.flac synth 900 sine 300-3300 tremolo 6 reverb
        setsid sox -R -n -r 44100 -c 1 /shared/w/got.flac synth 900 sine 300-3300 tremolo 6 reverb </dev/null >/dev/null 2>&1 &"""
    pid = "pgrep -x 'sox|sox_ng'"

    def after(self):
        same = wait_for(30, lambda: here.lab.sh("h1", "cmp /shared/w/want.flac /shared/w/got.flac && echo same").strip())
        assert same, "what it encoded differs"


@program
class tmux(Logging):
    start = """tmux -L moving -f /dev/null new-session -d 'n=0; while :; do n=$((n + 1)); echo $n >>/shared/w/tmux.log; sleep 0.05; done'
        tmux -L moving split-window cat"""
    pid = "pgrep -f 'tmux -L moving'"

    def after(self):
        super().after()
        here.lab.sh(here.of[self.name], "tmux -L moving send-keys -t 1 hello Enter")
        got = wait_for(3, lambda: "hello" in here.lab.sh(here.of[self.name], "tmux -L moving capture-pane -p -t 1"))
        assert got, "a pane does not answer"


@program
class screen(Logging):
    needs = "screen"
    start = "mkdir -p -m 755 /run/screen; screen -dmS moving sh -c 'n=0; while :; do n=$((n + 1)); echo $n >>/shared/w/screen.log; sleep 0.05; done'"
    pid = "pgrep -x screen"


@program
class vim(Program):
    needs = "vim.tiny"
    start = "tmux -L vim -f /dev/null new-session -d 'vim.tiny -u NONE /shared/w/text'"
    pid = "pgrep -f 'tmux -L vim'"

    def work(self):
        # One command: either all of it was typed, or the server was on its way and nothing was.
        if here.lab.lab("exec", here.of[self.name], "tmux", "-L", "vim", "send-keys", "oline", "Space", str(self.n + 1), "Escape").returncode:
            raise OSError("no tmux server")
        self.n += 1
        time.sleep(0.1)

    def after(self):
        here.lab.sh(here.of[self.name], "tmux -L vim send-keys ':w' Enter")
        got = lambda: open(here.lab.shared + "/w/text").read().split("\n")[1:-1] if os.path.exists(here.lab.shared + "/w/text") else []
        want = ["line %d" % (i + 1) for i in range(self.n)]
        assert wait_for(4, lambda: got() == want), (got()[-3:], want[-3:])


@program
class ssh_agent(Program):
    start = "ssh-agent -a /shared/w/agent >/dev/null; ssh-keygen -q -t ed25519 -N '' -f /shared/w/key; SSH_AUTH_SOCK=/shared/w/agent ssh-add -q /shared/w/key"
    pid = "pgrep -f 'ssh-agent -a'"

    def work(self):
        got = here.lab.sh(here.of[self.name], "SSH_AUTH_SOCK=/shared/w/agent ssh-add -l")
        if "ED25519" not in got:
            raise OSError("the agent says " + got)
        time.sleep(0.1)
