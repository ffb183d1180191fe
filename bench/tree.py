# SPDX-License-Identifier: GPL-2.0-or-later
"""One host's cgroups and processes: pferry ls, criugui's walk by SFTP, ps."""

import stat
import subprocess
import time

from common import FULL, Lab, PFERRY, median, say, times
from link import Link
from ways import Move

MAKE = """
import os
null = os.open("/dev/null", os.O_RDWR)
for fd in (0, 1, 2): os.dup2(null, fd)
for g in range(%d):
    path = "/sys/fs/cgroup/many/g%%d/s%%d" %% (g // 10, g %% 10)
    os.makedirs(path)
    for k in range(%d):
        pid = os.posix_spawn("/usr/bin/sleep", ["sleep", "1000%%d%%04d" %% (k, g)], {})
        with open(path + "/cgroup.procs", "w") as f: f.write(str(pid))
"""


def fill(lab, host, groups, each):
    """Sleepers, EACH in so many GROUPS; how many there are."""
    lab.lab("exec", host, "python3", "-c", MAKE % (groups, each))
    return int(lab.sh(host, "pgrep -cx sleep") or 0)


class Walk:
    """criugui's way: every cgroup's list, every process's stat, a request at a time, every entry asked whether
    it is a directory. Stops after so many seconds."""

    def __init__(self, sftp, seconds):
        self.sftp, self.processes = sftp, 0
        self.end = time.monotonic() + seconds
        before = sftp.request_number
        self.whole = self.group("/sys/fs/cgroup")
        self.requests = sftp.request_number - before

    def late(self):
        return time.monotonic() > self.end

    def pids(self, path):
        try:
            with self.sftp.file(path + "/cgroup.procs") as f:
                return [line.strip() for line in f]
        except OSError:
            return []

    def group(self, path):
        for pid in self.pids(path):
            if self.late():
                return False
            try:
                with self.sftp.file("/proc/%s/stat" % pid) as f:
                    f.readline()
                self.processes += 1
            except OSError:
                pass
        for entry in self.sftp.listdir(path):
            if self.late():
                return False
            if stat.S_ISDIR(self.sftp.stat(path + "/" + entry).st_mode) and not self.group(path + "/" + entry):
                return False
        return True


def timed(argv):
    began = time.monotonic()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode:
        raise RuntimeError("%s: %s" % (argv[0], done.stderr.decode()[-200:]))
    return time.monotonic() - began, len(done.stdout)


def measure(lab, repeats, requests, patience):
    """Medians: ls, ps, walk (seconds); how many requests the walk takes; whether it was cut short."""
    ls, ps = [], []
    move = Move(lab, None, None)
    for n in range(repeats):
        ls.append(timed([PFERRY, "-F", lab.config, "ls", "--json", "h1"])[0])
        ps.append(timed(["ssh", "-F", lab.config, "h1", "ps -e -o pid,ppid,user,rss,state,cgroup,args"])[0])
        say("  %d of %d: ls %.2f s, ps %.2f s" % (n + 1, repeats, ls[-1], ps[-1]))
    with move.client("h1").open_sftp() as sftp:
        began = time.monotonic()
        walk = Walk(sftp, 1e9 if FULL else patience)
        took = time.monotonic() - began
    if walk.whole:
        requests = walk.requests
    else:
        took = took * requests / walk.requests
    say("  walk: %.1f s, %d requests, %d processes%s" % (took, walk.requests, walk.processes,
                                                        "" if walk.whole else ", the rest reckoned"))
    for client in move.paramiko.values():
        client.close()
    return median(ls), median(ps), took, requests, not walk.whole


def run(found):
    groups, each = (1000, 10)
    lab = Lab("bench-tree", 1)
    there = fill(lab, "h1", groups, each)
    say("  %d processes in %d cgroups" % (there, groups))
    names = len(lab.sh("h1", "ls /sys/fs/cgroup/many/g0/s0").split())
    # Requests if the walk were cut short already here: so many for each process, each list, each entry.
    requests = there * 3 + groups * 1.1 * (8 + names)
    rows, targets = [], []
    for place, delay, limit, patience in (("loopback", 0, 1 / 20, 60), ("20 ms round trip", 20, 1 / 500, 20)):
        link = Link(lab, "h1", 0, delay) if delay else None
        ls, ps, walk, requests, cut = measure(lab, times(3, 7), requests, patience)
        if link:
            link.end()
        rows.append([place, ls, ps, ls / ps, walk, ls / walk, "yes" if cut else "no"])
        targets += [("tree, %s" % place, "criugui's walk", ls / walk, limit), ("tree, %s" % place, "ps by ssh", ls / ps, 1.5)]
    lab.down()
    found.table("One host's tree: %d processes in %d cgroups, seconds, login counted for ls and ps" % (there, groups),
                ["where", "pferry ls", "ps by ssh", "ratio", "criugui's walk", "ratio", "walk reckoned"], rows)
    found.raw["tree"] = rows
    for target in targets:
        found.target(*target)
