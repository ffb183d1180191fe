# SPDX-License-Identifier: GPL-2.0-or-later
"""Sixteen moves at once between four hosts on links of one rate, against the time
that the busiest link needs for what was sent: by plain TCP over the same link,
measured right before."""

import os
import subprocess
import time

from common import Lab, PFERRY, json, median, say
from link import Link
from rate import raw_tcp

MOVES, MBIT, MIBS = 16, 100, (8, 32)
PROBE_MIB, PROBES = 16, 3


def run(found):
    for mib in MIBS:
        batch(found, mib)


def batch(found, mib):
    lab = Lab("bench-batch", 4)
    for host in lab.hosts:
        Link(lab, host, MBIT, 1)
    *sources, destination = lab.hosts
    carries = median([raw_tcp(lab, sources[0], destination, PROBE_MIB) for _ in range(PROBES)])
    lab.sh(sources[0], "rm /dev/shm/data")
    words = []
    for n in range(MOVES):
        host = sources[n % len(sources)]
        words.append("%s:%d" % (host, lab.sample(host, "ticker", "--as", "b%d" % n, "--mib", str(mib))))
    began = time.monotonic()
    run = subprocess.Popen([PFERRY, "-F", lab.config, "move", "--json", *words, destination], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=dict(os.environ, SSH_AUTH_SOCK=""))
    ends, results = {}, []
    for line in run.stdout:
        said = json.loads(line)
        if said.get("event") == "result":
            results.append(said)
            ends.setdefault(said["source"], []).append(time.monotonic() - began)
    run.wait()
    took = time.monotonic() - began
    lab.down()
    moved = [r for r in results if r["outcome"] == "moved"]
    sent = sum(r["bytes"] for r in moved)
    allowed, nominal = sent / carries, sent * 8 / MBIT / 1e6
    say("  %d of %d with %d MiB moved, %.1f s" % (len(moved), MOVES, mib, took))
    found.table("%d moves from %d hosts to a fourth, each with %d MiB of random memory, links of %d Mbit/s" %
                (MOVES, len(sources), mib, MBIT), ["", "s", "of the link's", "MB", "moved"],
                [["all", took, took / allowed, sent / 1e6, len(moved)], ["plain TCP over that link", allowed, 1, sent / 1e6, ""],
                 ["the link's %d Mbit/s, as if nothing had headers" % MBIT, nominal, nominal / allowed, sent / 1e6, ""]] +
                [["last from " + host, max(at), max(at) / allowed, "", len(at)] for host, at in sorted(ends.items())])
    found.raw["batch %d MiB" % mib] = {"seconds": took, "allowed": allowed, "nominal": nominal, "ends": ends, "frozen_ms": [r["frozen_ms"] for r in moved]}
    found.target("%d moves at once over 4 hosts, %d MiB each" % (MOVES, mib), "the same bytes by plain TCP over the busiest link", took / allowed if len(moved) == MOVES else None, 1.2,
                 note="frozen %.1f s in the middle" % (median([r["frozen_ms"] for r in moved]) / 1000) if moved else "")
