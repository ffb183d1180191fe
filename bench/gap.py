# SPDX-License-Identifier: GPL-2.0-or-later
"""The longest time that pferry's loop was busy while a host answers with as much as it may:
200,000 processes in the browser, and 16 MiB of what a check asks for.  The host's shell is
replaced by one that answers so; all else is real."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from common import Lab, PFERRY, say

SHELL = """#!/bin/sh
case $2 in
*pferry-snapshot*) cat /shared/snapshot ;;
*pferry-inspect*) if [ -e /shared/inspect ]; then cat /shared/inspect; else exec /bin/sh "$@"; fi ;;
*pferry-verify*) if [ -e /shared/verify ]; then cat /shared/verify; else exec /bin/sh "$@"; fi ;;
*pferry-able*) if [ -e /shared/able ]; then cat /shared/able; else exec /bin/sh "$@"; fi ;;
*) exec /bin/sh "$@" ;;
esac
"""
ROOT = ("pferry-inspect 2\nstat 10 10 (x) S 1 10 10 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 9 9\nstatus 10 Uid: 0 0 0 0\n"
        "tid 10 10\nlink /proc/10/exe 777 /bin/x\n")
LIMIT = 16 << 20


def snapshot(processes, cgroups):
    out = [b"pferry-snapshot 1\0boot\0one\0hz\x00100\0page\x004096\0uptime\x00100000.00\0u/0\0root\0"]
    out += [b"cgroup\0./slice%d/unit%d.service\0" % (i // 50, i) for i in range(cgroups)]
    for i in range(processes):
        pid = 1000 + i
        out.append(b"%d/stat\0%d (worker) S %d 1 1 0 -1 0 0 0 0 0 9 5 0 0 20 0 1 0 %d 1000000 300 0 0\0%d/cmdline\0/usr/bin/worker\0%d/cmdline\0"
                   b"--number=%d\0%d/cgroup\x000::/slice%d/unit%d.service\n\0%d/status\0Uid:\t0\t0\t0\t0\0"
                   % (pid, pid, pid - i % 10 if i % 10 else 1, pid, pid, pid, i, pid, i // 10 % cgroups // 50, i // 10 % cgroups, pid))
    return b"".join(out) + b"end\0\0"


def lines(head, make):
    """As many lines as go into 16 MiB."""
    out, size, i = [head], len(head) + 4, 0
    while True:
        line = make(i)
        size += len(line)
        if size > LIMIT:
            return "".join(out) + "end\n"
        out.append(line)
        i += 1


HOSTILE = {
    "distinct processes": ("inspect", ROOT, lambda i: "status %d Uid: 0 0 0 0\n" % (i + 1)),
    "files": ("inspect", ROOT, lambda i: "link /proc/10/fd/%d 700 /d/%d\nfile 81a4 %d 5 5 0:0 /d/%d\n" % (i, -i % 999983, i, -i % 999983)),
    "names of 4 KiB": ("inspect", ROOT, lambda i: "link /proc/10/fd/%d 700 /%s%d\n%s" % (i, "n" * 4080, i, "" if i > 200 else "file 81a4 %d 5 5 0:0 /%s%d\n" % (i, "n" * 4080, i))),
    "unix sockets": ("inspect", ROOT, lambda i: "link /proc/10/fd/%d 700 socket:[%d]\nunix %d 0002 01 %d \npeer %d /run/%d\n" % (i, i, i, i + 10 ** 6, i + 10 ** 6, i)),
    "connections": ("inspect", ROOT, lambda i: "tcp 01 0100007F:%04X 0100007F:%04X %d 0\n" % (i & 0xffff, i * 7 & 0xffff, i)),
    "listening sockets": ("inspect", ROOT, lambda i: "tcp 0A %08X:1F90 00000000:0 %d 1\n" % (i + 1, i)),
    "tiny lines": ("inspect", ROOT, lambda i: "\n"),
    "files there": ("verify", "pferry-verify 2\n", lambda i: "file 81a4 %d 5 4 0:0 /d/%d\n" % (i, i)),
    "capabilities": ("able", "pferry-able 1\n", lambda i: "address 10.%d.%d.%d\n" % (i >> 16 & 255, i >> 8 & 255, i & 255)),
}


def put(lab, name, data):
    with open(lab.shared + "/" + name, "wb") as f:
        f.write(data)


def gap_of(lab):
    """Milliseconds: by the clock, and of the processor."""
    def one(name):
        with open(lab.dir + name) as f:
            return int(f.read()) / 1000
    return [one("/gap"), one("/gap.cpu")]


def browse(lab):
    """The browser on both hosts for a while, with keys that do something to all rows."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", XDG_STATE_HOME=lab.dir + "/state", XDG_CONFIG_HOME=lab.dir + "/config",
                          PFERRY_LOOP_GAP=lab.dir + "/gap")
        os.execv(PFERRY, [PFERRY, "-F", lab.config, "h1", "h2"])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))

    def drain(seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([fd], [], [], 0.1)[0]:
                try:
                    os.read(fd, 65536)
                except OSError:  # it has ended
                    return

    drain(8)
    for key in (b"j", b"G", b"g", b"s", b"s", b"f4", b"\r", b"f\x15\r", b"/199\r", b"n", b" ", b"U"):
        os.write(fd, key)
        drain(1)
    drain(4)
    try:
        for key in (b"\x1b", b"q", b"y"):
            os.write(fd, key)
            drain(2)
    except OSError:
        pass
    os.close(fd)
    os.waitpid(pid, 0)
    return gap_of(lab)


def run(found):
    lab = Lab("bench-gap", 2)
    put(lab, "snapshot", snapshot(199000, 90000))
    put(lab, "answers", SHELL.encode())
    for host in lab.hosts:
        lab.sh(host, "cp /shared/answers /usr/local/bin/answers; chmod 755 /usr/local/bin/answers; sed -i 's,^\\(root:.*:\\)[^:]*$,\\1/usr/local/bin/answers,' /etc/passwd")
    pid = int(lab.sh("h1", "setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $!"))
    rows = [["browser, 199,000 processes in 90,000 cgroups, two hosts", *browse(lab)]]
    say("  %s: %.1f ms, %.1f of the processor" % tuple(rows[-1]))
    for what, (name, head, make) in HOSTILE.items():
        put(lab, name, lines(head, make).encode())
        subprocess.run([PFERRY, "-F", lab.config, "check", "--json", "h1:%d" % pid, "h2"], env=dict(os.environ, PFERRY_LOOP_GAP=lab.dir + "/gap"),
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        os.unlink(lab.shared + "/" + name)
        rows.append(["check, 16 MiB of " + what, *gap_of(lab)])
        say("  %s: %.1f ms, %.1f of the processor" % tuple(rows[-1]))
    lab.down()
    found.table("The longest time the loop was busy, ms", ["answer", "ms", "of the processor"], rows)
    found.target("worst loop gap with 200,000 processes / 16 MiB hostile answers", "a turn", max(row[1] for row in rows), 50, "ms")
    found.raw["gap"] = rows
