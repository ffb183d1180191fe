# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes sent to the terminal for one move of the cursor, beside htop's."""

import fcntl
import os
import pty
import select
import shutil
import struct
import termios
import time

from common import Lab, PFERRY, median, say, times


class Terminal:
    """A program in a pty whose output is counted."""

    def __init__(self, argv, width, height, **env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", **env)
            # The program must not draw before it knows its size.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
            os.execvp(argv[0], argv)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def read(self, quiet, most):
        """All that comes until nothing came for so long, or the time is over."""
        got, end = b"", time.monotonic() + most
        while time.monotonic() < end and select.select([self.fd], [], [], quiet)[0]:
            try:
                data = os.read(self.fd, 1 << 16)
            except OSError:
                break
            if not data:
                break
            got += data
        return got

    def until(self, text, seconds):
        got, end = b"", time.monotonic() + seconds
        while text not in got and time.monotonic() < end:
            got = got[-200:] + self.read(0.05, 0.5)
        return text in got

    def key(self, key):
        os.write(self.fd, key)

    def answered_ms(self, key, most=2.0):
        """From the key to the first byte of what it changed on the screen."""
        self.read(0.004, 0.2)
        began = time.monotonic()
        self.key(key)
        if not select.select([self.fd], [], [], most)[0]:
            return most * 1000
        return (time.monotonic() - began) * 1000

    def costs(self, key, count):
        self.read(0.3, 2)
        got = []
        for _ in range(count):
            self.key(key)
            got.append(len(self.read(0.1, 0.3)))
        return got

    def end(self):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def run(found):
    lab = Lab("bench-terminal")
    for name in ("a", "b", "c"):
        for host in lab.hosts:
            lab.sample(host, "tree", "--as", name)
    state = {"XDG_STATE_HOME": lab.dir + "/state", "XDG_CONFIG_HOME": lab.dir + "/config"}
    rows, count = [], times(12, 40)
    for width, height in ((80, 24), (160, 50)):
        ours = Terminal([PFERRY, "-F", lab.config, *lab.hosts], width, height, **state)
        if not ours.until(b"tree.py", 20):
            raise RuntimeError("the browser does not come up")
        ours.read(2, 2)
        ours.key(b"Z")  # no refresh: only the key
        ours.read(0.5, 1)
        mine = ours.costs(b"j", count) + ours.costs(b"k", count // 2)
        ours.end()
        theirs = []
        if shutil.which("htop"):
            other = Terminal(["htop", "-d", "100"], width, height, HTOPRC="/dev/null", **state)
            other.read(1, 2)
            theirs = other.costs(b"\x1b[B", count)
            other.end()
        size = "%dx%d" % (width, height)
        rows.append([size, median(mine), max(mine), median(theirs), median(mine) / median(theirs) if theirs else None])
        say("  %s: %d, htop %s" % (size, median(mine), median(theirs)))
        found.target("bytes of a cursor move, " + size, "", median(mine), 200, "bytes")
        found.target("bytes of a cursor move, " + size, "htop's", rows[-1][4], 1.0)
    lab.down()
    found.table("Bytes to the terminal for one cursor move", ["size", "pferry", "at most", "htop", "ratio"], rows)
    found.raw["terminal"] = rows
