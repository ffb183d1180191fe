# SPDX-License-Identifier: GPL-2.0-or-later
"""A hundred hosts of 300 processes in one browser, refreshed every 2 s."""

import os
import time

from common import FULL, Lab, PFERRY, median, say, wait_for
from terminal import Terminal
from tree import fill

HOSTS, PROCESSES, REAL = 100, 300, 4


def aliases(lab):
    """An ssh_config by which each of the lab's hosts has many names."""
    path = lab.dir + "/many_config"
    address = {}
    host = None
    for line in open(lab.config):
        words = line.split()
        if words[:1] == ["Host"]:
            host = words[1]
        elif words[:1] == ["HostName"]:
            address[host] = words[1]
    names = ["n%03d" % i for i in range(HOSTS)]
    with open(path, "w") as f:
        for i, name in enumerate(names):
            real = lab.hosts[i % REAL]
            f.write("Host %s\n\tHostName %s\n\tHostKeyAlias %s\n" % (name, address[real], real))
        common = open(lab.config).read().split("Host h*\n")[-1]
        f.write("Host n*\n" + common)
    return path, names


def used(pid):
    """Seconds of processor and resident MiB of a process."""
    with open("/proc/%d/stat" % pid) as f:
        words = f.read().rsplit(") ", 1)[1].split()
    with open("/proc/%d/status" % pid) as f:
        status = dict(line.split(":", 1) for line in f)
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK"), int(status["VmRSS"].split()[0]) / 1024


def is_socket(path):
    try:
        return os.readlink(path).startswith("socket:")
    except FileNotFoundError:  # closed meanwhile
        return False


def run(found):
    lab = Lab("bench-many", REAL)
    for host in lab.hosts:
        fill(lab, host, 30, PROCESSES // 30)
    config, names = aliases(lab)
    browser = Terminal([PFERRY, "-F", config, *names], 160, 50, XDG_STATE_HOME=lab.dir + "/state", XDG_CONFIG_HOME=lab.dir + "/config")
    # The hosts stand for other machines: what a hundred of them do at once on this one may not keep pferry waiting.
    os.sched_setscheduler(browser.pid, os.SCHED_RR, os.sched_param(1))
    began = time.monotonic()

    def connected():
        browser.read(0.1, 0.5)
        # One established connection for each name.
        return sum(1 for fd in os.listdir("/proc/%d/fd" % browser.pid) if is_socket("/proc/%d/fd/%s" % (browser.pid, fd))) >= HOSTS
    up = wait_for(60, connected)
    say("  connected to %s in %.0f s" % ("all" if up else "NOT all", time.monotonic() - began))
    # The first trees are larger than what changes later.
    browser.read(5, 5)
    seconds = 40 if FULL else 20
    cpu, _ = used(browser.pid)
    # Each key here changes the screen: one that does not would be answered by the clock.
    # And what the machine itself takes to wake a program that does nothing else.
    idle = Terminal(["sh", "-c", "stty raw -echo; echo ready; exec cat"], 80, 24)
    idle.until(b"ready", 10)
    os.sched_setscheduler(idle.pid, os.SCHED_RR, os.sched_param(1))
    start, answers, echoes, keys = time.monotonic(), [], [], [b"j", b"k", b"j", b"k", b"\t", b"\x1b[Z"]
    while time.monotonic() - start < seconds:
        answers.append(browser.answered_ms(keys[len(answers) % len(keys)]))
        echoes.append(idle.answered_ms(b"x"))
        browser.read(0.1, 0.15)
    idle.end()
    took = time.monotonic() - start
    cpu_after, rss = used(browser.pid)
    browser.end()
    lab.down()
    core = (cpu_after - cpu) / took * 100
    found.table("%d hosts with %d processes each, refreshed every 2 s, %d keys in %.0f s" % (HOSTS, PROCESSES, len(answers), took),
                ["", "CPU % of a core", "RSS MiB", "key ms median", "key ms worst"],
                [["pferry" if up else "pferry (not all connected)", core, rss, median(answers), max(answers)],
                 ["cat, beside it", None, None, median(echoes), max(echoes)]])
    print("  The hosts are %d of this machine's own under many names: what they need for their trees is not in this, and done\n"
          "  with what pferry and cat leave of the processors, as hosts elsewhere would not take any." % REAL)
    found.raw["many"] = {"cpu_percent": core, "rss_mib": rss, "key_ms": answers, "cat_ms": echoes, "all_connected": bool(up)}
    found.target("100 hosts: processor", "", core, 15, "% of a core")
    found.target("100 hosts: memory", "", rss, 64, "MiB")
    found.target("100 hosts: a key answered, worst", "", max(answers), 50, "ms", "cat's own worst: %.0f ms" % max(echoes))
