# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared parts of tests of logging in: servers of other kinds beside a lab host's
own sshd, a configuration for ssh that names them, somebody who answers, and
somebody who looks for secrets where they must not be."""

import glob
import re
import threading

from harness import *

os.environ["LAB_LAYER"] = "logins"


class Servers:
    """Servers on ports of lab hosts, and the ssh_config with their names."""

    def __init__(self, lab):
        self.lab = lab
        with open(lab.config) as f:
            self.base = f.read()
        self.address = dict(re.findall(r"Host (h\d+)\n\tHostName (\S+)", self.base))
        self.own = []
        self.port = 2200
        self.config = lab.dir + "/servers.config"
        self.known = lab.dir + "/servers.known"
        self.write()

    def write(self):
        with open(self.config, "w") as f:
            f.write("\n".join(self.own) + "\n" + self.base)

    def host(self, name, host="h1", port=22, **options):
        """A name for ssh; the options go before the lab's."""
        options = {"HostName": self.address[host], "Port": port, "HostKeyAlias": host, **options}
        rest = self.base[self.base.index("Host h*"):].splitlines()[1:]
        # Files of keys add up; the others count where they come first.
        self.own += ["Host " + name, *("\t%s %s" % o for o in options.items()),
                     *(line for line in rest if "IdentityFile" not in options or "IdentityFile" not in line)]
        self.write()

    def next_port(self):
        self.port += 1
        return self.port

    def run(self, host, command, port):
        """A server in the background on a host; waits until it listens."""
        self.lab.sh(host, "setsid %s </dev/null >/tmp/server.%d 2>&1 &" % (command, port))
        if not wait_for(5, lambda: self.lab.sh(host, "ss -Hltn 'sport = :%d'" % port)):
            not_ok("a server on port %d" % port, self.lab.sh(host, "tail -3 /tmp/server.%d" % port))

    def sshd(self, name, host="h1", options="", **client):
        """One more sshd: its options, and those of ssh for it."""
        port = self.next_port()
        with open("%s/sshd.%d" % (self.lab.shared, port), "w") as f:
            # The first of an option counts.
            f.write("Port %d\nPidFile none\n%s\n" % (port, options))
        self.lab.sh(host, "grep -v -e ^Port -e ^PidFile /etc/ssh/sshd_config >>/shared/sshd.%d" % port)
        self.run(host, "/usr/sbin/sshd -D -e -f /shared/sshd.%d" % port, port)
        self.host(name, host, port, **client)
        return port

    def python(self, name, program, host="h1", **client):
        """A server that is a few lines of Python: handle(socket) for each connection."""
        port = self.next_port()
        with open("%s/server.%d" % (self.lab.shared, port), "w") as f:
            f.write("import os, socket, threading, time\n" + program + """
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", %d))
s.listen(50)
def one(c):
    try:
        handle(c)
    except OSError:
        pass
    c.close()
while True:
    threading.Thread(target=one, args=(s.accept()[0],), daemon=True).start()
""" % port)
        self.run(host, "python3 /shared/server.%d" % port, port)
        self.host(name, host, port, **client)
        return port

    def pferry(self, *args, answers=None, timeout=60, **env):
        """Run pferry with this configuration; `answers` is an Answers."""
        if answers:
            env.update(answers.env)
        full = {k: v for k, v in os.environ.items() if k not in ("SSH_ASKPASS", "SSH_AUTH_SOCK", "DISPLAY")}
        full.update(env)
        # Without a terminal to ask.
        return subprocess.run(["setsid", "-w", PFERRY, "-F", self.config, *args], capture_output=True, text=True, errors="replace",
                              timeout=timeout, stdin=subprocess.DEVNULL, env=full)

    def ls(self, *hosts, **kw):
        """Results of `ls --json`, by name of the host."""
        run = self.pferry("ls", "--json", *hosts, **kw)
        got = [json.loads(line) for line in run.stdout.splitlines()]
        return {g["host"]: g for g in got}


class Answers:
    """SSH_ASKPASS: gives what is in a file, line by line, and notes what was asked."""

    made = 0

    def __init__(self, lab, *lines):
        Answers.made += 1
        at = "%s/askpass.%d" % (lab.dir, Answers.made)
        self.file = at
        with open(at + ".lines", "w") as f:
            f.write("".join(line + "\n" for line in lines))
        with open(at, "w") as f:
            f.write("#!/bin/sh\nprintf '%%s\\n' \"$1\" >>%s.asked\nread -r answer <%s.lines || exit 1\n"
                    "sed -i 1d %s.lines\nprintf '%%s\\n' \"$answer\"\n" % (at, at, at))
        os.chmod(at, 0o700)
        self.env = {"SSH_ASKPASS": at}

    def asked(self):
        try:
            with open(self.file + ".asked") as f:
                return f.read().splitlines()
        except FileNotFoundError:
            return []


class Watch:
    """Looks at the command line and environment of every process, all the
    time; the hosts' processes are among them."""

    def __init__(self, *secrets):
        self.secrets = [s.encode() for s in secrets]
        self.found = set()
        self.looked = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.stop.wait(0.01):
            for name in glob.iglob("/proc/[0-9]*/cmdline"):
                for file in (name, name[:-7] + "environ"):
                    try:
                        with open(file, "rb") as f:
                            text = f.read()
                    except OSError:
                        continue
                    self.looked += 1
                    for secret in self.secrets:
                        if secret in text:
                            self.found.add("%s: %s" % (file, text[:80].decode(errors="replace")))

    def end(self):
        self.stop.set()
        self.thread.join()
        return self.found


def type_secret(tui, text):
    """Type it without it being in a command line of ours."""
    subprocess.run(["tmux", "-L", tui.socket, "load-buffer", "-b", "s", "-"], input=text, text=True)
    tui.tmux("paste-buffer", "-d", "-b", "s", "-t", "t")
    tui.keys("Enter")


def tui_of(servers, *hosts, size="100x30", env=""):
    """The browser on names of this configuration."""
    class Names:
        config, dir = servers.config, servers.lab.dir
    names = Names()
    names.hosts = list(hosts)
    return Tui(names, size, env="unset SSH_AUTH_SOCK SSH_ASKPASS; " + env)
