# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared parts of the end-to-end tests: a lab of their own, pferry, tmux, and
checks that print "ok NAME" or "not ok NAME - why"."""

import atexit
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import zlib

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PFERRY = os.environ.get("PFERRY", TOP + "/build/pferry")
LAB = TOP + "/tests/lab/lab"
failed = 0


def ok(name):
    print("ok " + name, flush=True)


def not_ok(name, why):
    global failed
    failed += 1
    print("not ok %s - %s" % (name, str(why).replace("\n", " | ")), flush=True)


def check(name, truth, why=""):
    if truth:
        ok(name)
    else:
        not_ok(name, why or "it is not so")
    return truth


def wait_for(seconds, what, step=0.05):
    """The first true result of what(), or its last after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got
        time.sleep(step)


class Lab:
    """Hosts h1 to hN that go away with this process."""

    program, letter, variable = LAB, "h", "LAB_NAME"
    clocks_apart = "0"  # seconds: its hosts have one

    def __init__(self, name, hosts=2):
        # Two trees may be tested at once; within one, a run clears what the last left.
        self.name = "e2e-%s-%x" % (name, zlib.crc32(TOP.encode()) & 0xffff)
        self.env = dict(os.environ, **{self.variable: self.name})
        atexit.register(self.down)
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sig, lambda *_: sys.exit(1))
        self.lab("down")
        made = self.lab("up", str(hosts))
        if made.returncode:
            not_ok("lab up", made.stderr[-300:])
            sys.exit(1)
        self.config = self.lab("ssh-config").stdout.strip()
        self.dir = self.lab("path").stdout.strip()
        self.shared = self.dir + "/shared"
        self.hosts = ["%s%d" % (self.letter, i + 1) for i in range(hosts)]

    def lab(self, *args, **kw):
        return subprocess.run([self.program, *args], env=self.env, capture_output=True, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, **kw)

    def down(self):
        subprocess.run([self.program, "down"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def sh(self, host, script):
        """Run a line of shell in a host; its output."""
        return self.lab("exec", host, "sh", "-c", script).stdout

    def sample(self, host, *args):
        got = self.lab("sample", host, *args)
        if got.returncode:
            raise RuntimeError("sample %s: %s" % (args, got.stderr))
        return int(got.stdout.split()[-1])

    def alive(self, host, pid):
        """'' when there is no such process, else its state letter."""
        stat = self.sh(host, "cat /proc/%d/stat 2>/dev/null" % pid)
        state = stat.rsplit(") ", 1)[-1][:1] if stat else ""
        return "" if state in ("Z", "X") else state

    def leftovers(self, host):
        """Leftovers that a move may not leave: directories, CRIU, our scripts, mounts."""
        return self.sh(host, "ls -d /var/lib/pferry/* /dev/shm/pferry* /run/pferry* 2>/dev/null;"
                             "ps axww -o pid=,args= | grep -vE '^ *'$$' ' | "
                             "grep -E '^ *[0-9]+ .{0,45}([/]usr/sbin/criu| pferry-(end|send|recv)[ ]|var/lib/[p]ferry)';"
                             "grep -E ' /(var/lib|dev/shm)/pferry' /proc/mounts").strip()

    def clean(self, seconds=4):
        """No leftovers on any host, soon; else what there is."""
        def left():
            found = [(h, self.leftovers(h)) for h in self.hosts]
            return [h + ": " + what for h, what in found if what]
        end = time.monotonic() + seconds
        while True:
            found = left()
            if not found or time.monotonic() > end:
                return found
            time.sleep(0.2)

    def agent(self):
        """An ssh-agent with the key that all hosts take: its environment."""
        key = re.search(r"(?m)^\s*IdentityFile\s+(\S+)", open(self.config).read()).group(1)
        said = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True).stdout
        env = dict(re.findall(r"(SSH_\w+)=([^;]+);", said))
        atexit.register(lambda: os.kill(int(env["SSH_AGENT_PID"]), signal.SIGTERM))
        subprocess.run(["ssh-add", "-q", key], env=dict(os.environ, **env), check=True)
        return {"SSH_AUTH_SOCK": env["SSH_AUTH_SOCK"]}

    def pferry(self, *args, timeout=120, env=None):
        return subprocess.run([PFERRY, "-F", self.config, *args], capture_output=True, text=True, errors="replace",
                              timeout=timeout, stdin=subprocess.DEVNULL, env=dict(os.environ, **(env or {})))

    def move(self, source, pid, destination, *options):
        """Move by --json; (result object, exit code)."""
        run = self.pferry("move", "--json", *options, "%s:%d" % (source, pid), destination)
        lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
        result = lines[-1] if lines and lines[-1]["event"] == "result" else {"outcome": "none", "reason": run.stderr}
        return result, run.returncode

    def check_counter(self, *logs):
        run = subprocess.run([TOP + "/tests/lab/samples/check-counter", "-c", self.clocks_apart, *[self.shared + "/" + l for l in logs]],
                             capture_output=True, text=True)
        return run.returncode == 0, run.stdout + run.stderr

    def count(self, log):
        try:
            with open(self.shared + "/" + log, "rb") as f:
                return len(f.readlines())
        except FileNotFoundError:
            return 0

    def grows(self, log, seconds=3):
        before = self.count(log)
        return wait_for(seconds, lambda: self.count(log) > before + 1)


class Machines(Lab):
    """The virtual machines v1 and v2 that tests/e2e-vm/run has up for all its tests."""

    program, letter, variable = TOP + "/tests/lab/vm", "v", "VM_NAME"
    clocks_apart = "10"  # each has its own, set when it boots, as soon as it takes the command

    def __init__(self):
        # A machine that a test boots again outlasts the test.
        self.env = {k: v for k, v in os.environ.items() if k != "E2E_MARK"}
        self.config = self.lab("ssh-config").stdout.strip()
        self.dir = self.lab("path").stdout.strip()
        self.shared = self.dir + "/shared"
        self.hosts = ["v1", "v2"]
        if not self.config:
            not_ok("machines", "they are not up: tests/e2e-vm/run brings them up")
            sys.exit(1)
        for name in os.listdir(self.shared):
            path = self.shared + "/" + name
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)

    def end_samples(self):
        """Processes that a test began on the machines end with it, for the next one."""
        for host in self.hosts:
            self.sh(host, "pkill -KILL python3; sleep 0.2; find /sys/fs/cgroup/demo -mindepth 1 -depth -type d -exec rmdir {} +")


class Tui:
    """The browser in a tmux of its own."""

    made = 0

    def __init__(self, lab, size="80x24", args=(), env=""):
        # A socket of its own: a server that is just ending takes no new session.
        Tui.made += 1
        self.socket = "e2e-%d-%d" % (os.getpid(), Tui.made)
        width, height = size.split("x")
        self.kill()
        atexit.register(self.kill)
        command = "%s exec %s" % (env, " ".join(shlex.quote(a) for a in [PFERRY, "-F", lab.config, *args, *lab.hosts]))
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height, "-s", "t",
                  "env LC_ALL=C.UTF-8 XDG_STATE_HOME=%s/state XDG_CONFIG_HOME=%s/config sh -c %s; echo left with $?; sleep 1000" %
                  (lab.dir, lab.dir, shlex.quote(command)))

    def tmux(self, *args):
        return subprocess.run(["tmux", "-L", self.socket, *args], capture_output=True, text=True, errors="replace",
                              env=dict(os.environ, LC_ALL="C.UTF-8")).stdout

    def kill(self):
        subprocess.run(["tmux", "-L", self.socket, "kill-server"], stderr=subprocess.DEVNULL)

    def keys(self, *keys):
        self.tmux("send-keys", "-t", "t", *keys)

    def type(self, text):
        self.tmux("send-keys", "-t", "t", "-l", "--", text)

    def screen(self, colours=False):
        return self.tmux("capture-pane", "-p", *(["-e"] if colours else []), "-t", "t")

    def wait(self, pattern, seconds=10):
        """The screen once the pattern is on it, else ''."""
        found = []

        def look():
            screen = self.screen()
            if re.search(pattern, screen, re.M):
                found.append(screen)
            return found
        wait_for(seconds, look)
        return found[-1] if found else ""

    def resize(self, width, height):
        self.tmux("resize-window", "-t", "t", "-x", str(width), "-y", str(height))


def end():
    sys.exit(1 if failed else 0)
