# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes per second from one host to another."""

import os
import shlex
import subprocess
import time

from common import Lab, PFERRY, Shell, TOP, agent, median, say, times

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
import socket
c = socket.create_connection((%r, 5999)); room = memoryview(bytearray(1 << 20))
with open("/dev/shm/data", "rb", buffering=0) as f:
    while True:
        k = f.readinto(room)
        if not k: break
        c.sendall(room[:k])
c.close()
"""


DIRECT = """
import os, subprocess, time
p = subprocess.Popen(["ssh", "-F", "/dev/null"] + %r + ["-l", "root", %r, "echo ready; cat >/dev/null; echo done"],
                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
p.stdout.readline(); began = time.monotonic()
subprocess.run(["cat", "/dev/shm/data"], stdout=p.stdin, check=True)
p.stdin.close()
assert p.stdout.readline() == b"done\\n"
print(os.path.getsize("/dev/shm/data") / (time.monotonic() - began))
"""


def raw_tcp(lab, source, destination, mib):
    """Bytes a second of a plain connection between the hosts, from a file as by the other ways."""
    lab.sh(source, "[ -e /dev/shm/data ] || head -c %dM /dev/urandom >/dev/shm/data" % mib)
    server = subprocess.Popen([lab.program, "exec", destination, "python3", "-c", SERVE], env=lab.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True)
    server.stdout.readline()
    lab.lab("exec", source, "python3", "-c", SEND % destination)
    return float(server.communicate()[0])


def by_relay(lab, way, mib):
    done = subprocess.run([RELAY, way, lab.config, "h1", "h2", str(mib)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    sent, seconds, cpu = done.stdout.split()
    return int(sent) / float(seconds), float(cpu)


def by_ssh(lab, shell, mib):
    began = time.monotonic()
    # As pferry's own script does it.
    shell.pipe("h1", "head -c %d /dev/zero" % (mib << 20), "h2", "cat >/dev/null")
    return (mib << 20) / (time.monotonic() - began), None


def direct_options():
    """The options that src/remote/direct.sh gives its ssh, but where the key of the host lies."""
    with open(TOP + "/src/remote/direct.sh") as f:
        words = f.read().replace("\\\n", " ").split(" ssh -F /dev/null ", 1)[1].split(" -p ")[0].split()
    return [word for word in words if "known" not in word.lower() and "HostKeyAlias" not in word]


def by_direct(lab, env):
    """As the direct way goes: by the source's ssh with the forwarded agent; what comes before the first byte is not counted."""
    options = []
    for word in direct_options():
        options += [] if word == "-o" else [word] if word.startswith("-") else ["-o", word]
    options += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    done = subprocess.run(["ssh", "-A", "-F", lab.config, "h1", "python3 -c " + shlex.quote(DIRECT % (options, "h2"))],
                          capture_output=True, text=True, env=dict(os.environ, **env))
    if done.returncode:
        raise RuntimeError("direct: " + done.stderr[-300:])
    return float(done.stdout), None


def run(found):
    mib, repeats = 256, times(3, 7)
    lab = Lab("bench-rate")
    shell, env = Shell(lab), agent(lab)
    shell.run("h1", "head -c %dM /dev/urandom >/dev/shm/data" % mib)
    ways = {
        "pferry's relay": lambda: by_relay(lab, "bulk", mib),
        "ssh A cat | ssh B cat": lambda: by_ssh(lab, shell, mib),
        "pferry, direct": lambda: by_direct(lab, env),
        "raw TCP, host to host": lambda: (raw_tcp(lab, "h1", "h2", mib), None),
        # For information: how a relay goes where no second login is to be had.
        "pferry's relay, in one thread": lambda: by_relay(lab, "splice", mib),
    }
    got = {name: [] for name in ways}
    for n in range(repeats):
        for name, way in ways.items():
            got[name].append(way())
            say("  %d of %d, %s: %.0f MB/s" % (n + 1, repeats, name, got[name][-1][0] / 1e6))
    lab.down()
    rates = {name: median([r for r, _ in taken]) / 1e6 for name, taken in got.items()}
    relay, ssh, direct, raw, _ = rates.values()
    found.table("%d MiB from host to host, %d in turn" % (mib, repeats), ["way", "MB/s", "CPU s"],
                [[name, rates[name], median([c for _, c in got[name] if c is not None])] for name in ways])
    found.raw["rate"] = rates
    found.target("bytes per second, relay", "ssh A cat | ssh B cat", relay / ssh, -1.1)
    found.target("bytes per second, direct", "raw TCP", direct / raw, -0.8)
