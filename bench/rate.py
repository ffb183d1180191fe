# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes per second from one host to another."""

import os
import subprocess
import time

from common import Lab, PFERRY, Shell, agent, median, say, times

RELAY = os.path.dirname(PFERRY) + "/tools/relay"
SERVE = """
import socket, sys, time
s = socket.create_server(("0.0.0.0", 5999)); print("up", flush=True)
c, _ = s.accept(); room = bytearray(1 << 20); n = 0; began = time.monotonic()
while True:
    k = c.recv_into(room)
    if not k: break
    n += k
print(n / (time.monotonic() - began))
"""
SEND = """
import os, socket
piece = os.urandom(1 << 20); c = socket.create_connection((%r, 5999))
for _ in range(%d): c.sendall(piece)
c.close()
"""


def raw_tcp(lab, source, destination, mib):
    """Bytes a second of a plain connection between the hosts."""
    server = subprocess.Popen([lab.program, "exec", destination, "python3", "-c", SERVE], env=lab.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True)
    server.stdout.readline()
    lab.lab("exec", source, "python3", "-c", SEND % (destination, mib))
    return float(server.communicate()[0])


def by_relay(lab, way):
    done = subprocess.run([RELAY, way, lab.config, "h1", "cat /dev/shm/data", "h2", "cat >/dev/null"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    sent, seconds, cpu = done.stdout.split()
    return int(sent) / float(seconds), float(cpu)


def by_ssh(lab, shell, mib):
    began = time.monotonic()
    shell.pipe("h1", "cat /dev/shm/data", "h2", "cat >/dev/null")
    return (mib << 20) / (time.monotonic() - began), None


def by_direct(lab, env):
    """A move straight from host to host, from the freeze until all is sent: memory goes while the dump writes it."""
    from ways import Ticker, pferry

    ticker = Ticker(lab, 256)
    result, _, cpu = pferry(lab, "move", "--json", "--mode", "plain", "--via", "direct", "h1:%d" % ticker.pid, "h2", env=env)
    ticker.end()
    if result.get("via") != "direct" or result["outcome"] != "moved":
        raise RuntimeError("direct: %s %s" % (result.get("reason"), result.get("warning")))
    ms = sum(p["ms"] for p in result["phases"] if p["name"] in ("freeze", "send"))
    return result["bytes"] / max(ms, 1) * 1000, cpu


def run(found):
    mib, repeats = 256, times(3, 7)
    lab = Lab("bench-rate")
    shell, env = Shell(lab), agent(lab)
    shell.run("h1", "head -c %dM /dev/urandom >/dev/shm/data" % mib)
    ways = {
        "pferry's relay": lambda: by_relay(lab, "bulk"),
        "ssh A cat | ssh B cat": lambda: by_ssh(lab, shell, mib),
        "pferry, direct": lambda: by_direct(lab, env),
        "raw TCP, host to host": lambda: (raw_tcp(lab, "h1", "h2", mib), None),
        # For information: how a relay goes where no second login is to be had.
        "pferry's relay, in one thread": lambda: by_relay(lab, "splice"),
    }
    got = {name: [] for name in ways}
    for n in range(repeats):
        for name, way in ways.items():
            got[name].append(way())
            say("  %d of %d, %s: %.0f MB/s" % (n + 1, repeats, name, got[name][-1][0] / 1e6))
    lab.down()
    rates = {name: median([r for r, _ in taken]) / 1e6 for name, taken in got.items()}
    relay, ssh, direct, raw, _ = rates.values()
    found.table("%d MiB of random bytes from host to host, %d in turn" % (mib, repeats), ["way", "MB/s", "CPU s"],
                [[name, rates[name], median([c for _, c in got[name] if c is not None])] for name in ways])
    found.raw["rate"] = rates
    found.target("bytes per second, relay", "ssh A cat | ssh B cat", relay / ssh, -1.1)
    found.target("bytes per second, direct", "raw TCP", direct / raw, -0.8)
