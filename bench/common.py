# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared parts of the bench: a lab, ssh connections held open, pferry
with its use of the processor, medians, and a table."""

import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TOP + "/tests/e2e")
import harness  # noqa: E402
from harness import Lab, PFERRY, atexit, json, wait_for  # noqa: E402,F401

FULL = os.environ.get("BENCH", "") == "full"
REPEAT = int(os.environ.get("REPEAT", "0"))


def say(text):
    print(text, file=sys.stderr, flush=True)


def times(quick, full):
    """How often a thing is measured."""
    return REPEAT or (full if FULL else quick)


def median(values):
    return statistics.median(values) if values else None


def load():
    return os.getloadavg()[0]


def busy(seconds=1.0):
    """How many processors are at work now; for when nothing of ours is."""
    def ticks():
        with open("/proc/stat") as f:
            words = [int(w) for w in f.readline().split()[1:9]]
        return sum(words) - words[3] - words[4]
    before = ticks()
    time.sleep(seconds)
    return (ticks() - before) / os.sysconf("SC_CLK_TCK") / seconds


class Shell:
    """ssh to the hosts of a lab over connections that stay open, as someone
    does who moves things by hand and knows how: a login is not measured."""

    def __init__(self, lab):
        self.dir = tempfile.mkdtemp(prefix="pferry-bench-")
        self.config = self.dir + "/config"
        self.lab = lab
        with open(self.config, "w") as f:
            f.write("Host *\n\tControlMaster auto\n\tControlPath %s/%%n\n\tControlPersist 600\n\tLogLevel ERROR\nInclude %s\n"
                    % (self.dir, lab.config))
        atexit.register(self.close)
        for host in lab.hosts:
            self.run(host, "true")

    def close(self):
        for host in self.lab.hosts:
            subprocess.run(["ssh", "-F", self.config, "-O", "exit", host], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, host, command):
        done = subprocess.run(["ssh", "-F", self.config, host, command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace")
        if done.returncode:
            raise RuntimeError("%s: %s: %s" % (host, command, (done.stderr or done.stdout).strip()[-300:]))
        return done.stdout

    def pipe(self, source, out, destination, into):
        """One command's output into another's input, through this machine."""
        line = "ssh -F %s %s %s </dev/null | ssh -F %s %s %s" % (self.config, source, shlex.quote(out), self.config, destination,
                                                                 shlex.quote(into))
        done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise RuntimeError("%s: %s" % (line, done.stderr.strip()[-300:]))

    def scp(self, source, destination):
        done = subprocess.run(["scp", "-q", "-F", self.config, "-3", "-r", source, destination], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError("scp: " + done.stderr.strip()[-300:])


def agent(lab):
    """An ssh-agent that has the lab's key: its environment."""
    said = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True).stdout
    env = dict(item.split("=", 1) for item in said.replace("\n", " ").split(";") for item in [item.strip()]
               if item.startswith("SSH_"))
    atexit.register(lambda: os.kill(int(env["SSH_AGENT_PID"]), 15))
    key = next(line.split()[1] for line in open(lab.config) if line.split()[:1] == ["IdentityFile"])
    subprocess.run(["ssh-add", "-q", key], env=dict(os.environ, **env), check=True)
    return {"SSH_AUTH_SOCK": env["SSH_AUTH_SOCK"]}


def pferry(lab, *args, env=None):
    """Run it; (last JSON object, seconds, seconds of processor)."""
    began = time.monotonic()
    run = subprocess.Popen([PFERRY, "-F", lab.config, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True, env=dict(os.environ, **(env or {})))
    lines = run.stdout.read().splitlines()
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - began
    if not lines:
        raise RuntimeError("pferry %s said nothing, exit %d" % (" ".join(args), run.returncode))
    return json.loads(lines[-1]), took, usage.ru_utime + usage.ru_stime


# ---- what is found ----

class Found:
    """Numbers by row, and the targets that they meet or miss."""

    def __init__(self):
        self.tables = []
        self.targets = []
        self.raw = {}
        self.load, self.busy = [load()], []
        self.row = None  # that is measured now

    def table(self, title, head, rows):
        self.tables.append({"row": self.row, "title": title, "head": head, "rows": rows})
        print("\n" + title)
        show(head, rows)

    def target(self, what, against, value, limit, unit="x", note=""):
        """VALUE is to be at most LIMIT (at least, if LIMIT is negative)."""
        met = None if value is None else (value <= limit if limit > 0 else value >= -limit)
        self.targets.append({"row": self.row, "what": what, "against": against, "value": value, "limit": abs(limit),
                             "sense": "at most" if limit > 0 else "at least", "unit": unit, "met": met, "note": note})


def number(value):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    return "%.0f" % value if abs(value) >= 100 else "%.3g" % value


def show(head, rows):
    cells = [head] + [[number(c) for c in row] for row in rows]
    widths = [max(len(r[i]) for r in cells) for i in range(len(head))]
    for r in cells:
        line = r[0].ljust(widths[0])
        # Words to the left, numbers to the right.
        words = [any(len(x[i].split()) > 1 or x[i].isalpha() for x in cells[1:]) for i in range(len(head))]
        print(("  " + line + "".join("  " + (r[i].ljust if words[i] else r[i].rjust)(widths[i]) for i in range(1, len(r)))).rstrip())
    sys.stdout.flush()
