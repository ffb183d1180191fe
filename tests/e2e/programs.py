# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared parts of the tables of real programs (programs_servers.py, programs_jobs.py): how
the clients of 35-programs talk to them."""

import re
import socket

from harness import wait_for


class here:
    """Where they run: set by who uses this table."""

    lab = None
    hosts = {}  # name -> address
    of = {}     # program -> the host that it is on

    @staticmethod
    def address(program):
        return here.hosts[here.of[program]]


table = []
scripts = {}  # what they run, by its name in /shared/w
QUICK = "redis nginx python-http perl sqlite threads shell".split()


def talk(program, port, data, end=b"\n", lines=1):
    """Say something on a connection of its own; the answer up to `end`, `lines` times."""
    with socket.create_connection((here.address(program), port), 2) as s:
        s.settimeout(3)
        s.sendall(data)
        got = b""
        while got.count(end) < lines:
            more = s.recv(65536)
            if not more:
                break
            got += more
        if not got:
            raise ConnectionError("closed without an answer")
        return got


def exactly(f, size):
    got = f.read(size)
    if len(got) < size:
        raise ConnectionError("cut off")
    return got


def http(program, port, path="/"):
    got = talk(program, port, b"GET %s HTTP/1.0\r\nHost: x\r\n\r\n" % path.encode(), b"\0")
    assert b" 200 " in got.split(b"\r\n")[0], got[:80]
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    if not head or (length and len(body) < int(length.group(1))):
        raise ConnectionError("cut off")
    return body


class Program:
    """`start` is shell that leaves it running on h1; `pid` shell that prints its pid.
    `work` does one piece of work and raises when an answer is wrong."""

    options = ()
    refused = None  # the code of the blocker, if there is one
    needs = ""      # a command that must be there

    begins_s = 10   # it works after so long at the latest

    def __init__(self, name):
        self.name = name
        self.n = self.missed = 0
        here.of[name] = "h1"

    def work(self):
        pass

    def after(self):
        pass


def program(cls):
    table.append(cls)
    return cls


class Script(Program):
    """A script that answers lines on a TCP port with a count."""

    port = 0

    def work(self):
        got = talk(self.name, self.port, b"n\n")
        self.n += 1
        assert got == b"%d\n" % self.n, (got, self.n)


def script(name, text):
    """The path that it will have on the hosts."""
    scripts[name] = text
    return "/shared/w/" + name


class Logging(Program):
    """Counts into a file; the count must never jump."""

    def rows(self):
        return here.lab.count("w/%s.log" % self.name)

    def work(self):
        before = self.rows()
        assert wait_for(5, lambda: self.rows() > before), "it does not go on after %d" % before

    def after(self):
        with open(here.lab.shared + "/w/%s.log" % self.name) as f:
            got = [int(line) for line in f.read().split("\n")[:-1]]
        assert got == list(range(1, len(got) + 1)), "the count jumps"
