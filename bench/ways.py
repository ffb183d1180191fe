# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways to move a process from one host to another: pferry's, and what people
do without it. Each returns what it found out about itself."""

import os
import time

from common import pferry

IMAGES = "/tmp/bench-images"
DUMP = "criu dump -t %d -D " + IMAGES + " --manage-cgroups -o dump.log"
RESTORE = "criu restore -d -D " + IMAGES + " --manage-cgroups -o restore.log"


class Move:
    """Requirements of a way: the lab, connections held open, an agent."""

    def __init__(self, lab, shell, agent):
        self.lab, self.shell, self.agent = lab, shell, agent
        self.paramiko = {}

    def clean(self):
        for host in self.lab.hosts:
            self.shell.run(host, "rm -rf %s /tmp/tmp.*" % IMAGES)

    def client(self, host):
        """A paramiko connection, kept."""
        import paramiko

        if host not in self.paramiko:
            known = paramiko.SSHConfig.from_path(self.lab.config).lookup(host)
            client = paramiko.SSHClient()
            client.load_host_keys(known["userknownhostsfile"])
            client.connect(known["hostname"], username=known["user"], key_filename=known["identityfile"], allow_agent=False,
                           look_for_keys=False)
            self.paramiko[host] = client
        return self.paramiko[host]


def by_pferry(via, mode="auto"):
    def way(move, source, pid, destination):
        result, _, cpu = pferry(move.lab, "move", "--json", "--via", via, "--mode", mode, "%s:%d" % (source, pid), destination,
                                env=move.agent if via == "direct" else {"SSH_AUTH_SOCK": ""})
        if result.get("outcome") != "moved" or result["via"] != via:
            raise RuntimeError("pferry by %s: %s %s" % (via, result.get("reason"), result.get("warning")))
        return {"bytes": result["bytes"], "cpu": cpu, "said_ms": result["frozen_ms"],
                "foretold_ms": result.get("expected_ms"), "mode": result.get("mode"), "timeline": result.get("timeline")}
    return way


def dumped(move, source, pid):
    move.shell.run(source, "mkdir -p %s && %s" % (IMAGES, DUMP % pid))


def size(move, host, path):
    return int(move.shell.run(host, "du -sb " + path).split()[0])


def by_hand_tar(move, source, pid, destination):
    dumped(move, source, pid)
    move.shell.pipe(source, "tar -C / -cf - " + IMAGES[1:], destination, "tar -C / -xf - && " + RESTORE)
    return {"bytes": size(move, source, IMAGES)}


def by_hand_scp(move, source, pid, destination):
    dumped(move, source, pid)
    move.shell.scp("%s:%s" % (source, IMAGES), "%s:%s" % (destination, IMAGES))
    move.shell.run(destination, RESTORE)
    return {"bytes": size(move, source, IMAGES)}


def by_sftp(move, source, pid, destination):
    """criugui's steps, but for one: it leaves the process running at the source
    and so has two; here the dump ends it, as a move must."""
    def run(client, command):
        _, out, err = client.exec_command(command)
        text = out.read().decode()
        if out.channel.recv_exit_status():
            raise RuntimeError(command + ": " + err.read().decode()[-300:])
        return text.strip()

    here, there = move.client(source), move.client(destination)
    archive = run(here, "mktemp")
    images = run(here, "mktemp -d")
    run(here, "criu dump --manage-cgroups -t %d -D %s" % (pid, images))
    run(here, "tar czf %s %s" % (archive, images))
    with here.open_sftp() as get, there.open_sftp() as put:
        with get.file(archive) as f:
            put.putfo(f, archive, 0)
    run(there, "tar xzf %s -C /" % archive)
    run(there, "criu restore --restore-detached --manage-cgroups -D " + images)
    return {"bytes": size(move, source, archive)}


def on_one_host(move, source, pid, destination):
    """Nothing is sent: CRIU's own time."""
    move.shell.run(source, "mkdir -p %s && %s && %s" % (IMAGES, DUMP % pid, RESTORE))
    return {"bytes": size(move, source, IMAGES), "stays": True}


WAYS = {
    "pferry, relay": by_pferry("relay"),
    "pferry, direct": by_pferry("direct"),
    "dump, tar | ssh | ssh | tar, restore": by_hand_tar,
    "dump, scp -3 -r, restore": by_hand_scp,
    "criugui's steps": by_sftp,
    "dump, restore on one host": on_one_host,
    "pferry, relay, plain": by_pferry("relay", "plain"),
    "pferry, relay, post-copy": by_pferry("relay", "postcopy"),
    "pferry, direct, post-copy": by_pferry("direct", "postcopy"),
}


class Ticker:
    """The lab's sample that knows its longest pause, wherever it is."""

    made = 0

    def __init__(self, lab, mib, dirty=0):
        Ticker.made += 1
        self.lab, self.mib, self.dirty = lab, mib, dirty
        self.label = "t%d-%d" % (mib, Ticker.made)
        self.at = lab.hosts[0]
        self.pid = lab.sample(self.at, "ticker", "--as", self.label, "--mib", str(mib), "--dirty", str(dirty))

    def read(self):
        try:
            with open("%s/%s.gap" % (self.lab.shared, self.label)) as f:
                words = f.read().split()
            return (int(words[0]), int(words[2])) if len(words) == 4 else (0, 0)
        except FileNotFoundError:
            return 0, 0

    def settle(self):
        """Ticks again, and its record is of now."""
        end = time.monotonic() + 20
        for _ in range(2):
            before = self.read()[1]
            while self.read()[1] == before:
                if time.monotonic() > end:
                    raise RuntimeError("%s does not run on %s" % (self.label, self.at))
                time.sleep(0.02)
        return self.read()[0]

    def pause_us(self, move, way):
        """Move it; the longest gap it saw, how long all took, what the way says."""
        others = [h for h in self.lab.hosts[:2] if h != self.at]
        move.clean()
        self.lab.sh(self.at, "kill -USR1 %d" % self.pid)
        self.settle()
        began = time.monotonic()
        said = way(move, self.at, self.pid, others[0])
        took = time.monotonic() - began
        if not said.get("stays"):
            self.at = others[0]
        gap = self.settle()
        return gap, took, said

    def end(self):
        for host in self.lab.hosts[:2]:
            self.lab.sh(host, "kill -9 %d 2>/dev/null; sleep 0.1; rmdir /sys/fs/cgroup/demo/%s" % (self.pid, self.label))
        try:
            os.unlink("%s/%s.gap" % (self.lab.shared, self.label))
        except FileNotFoundError:
            pass
