#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measure pauses: read the clock each millisecond, keep the longest gap.

/shared/LABEL.gap always holds one line, "MAX_GAP_US AT_TIME_NS TICKS PID",
rewritten when the gap grows and each 100 ms. SIGUSR1 starts over at 0.
By the wall clock: CRIU sets a restored process's monotonic clock back by the
pause (in a time namespace), so that it would not see it.
--mib MiB of random memory; --dirty MiB of it written anew per second."""
import argparse
import os
import signal
import time

from ready import ready

PAGE = 4096

p = argparse.ArgumentParser()
p.add_argument("label")
p.add_argument("--mib", type=int, default=0)
p.add_argument("--dirty", type=float, default=0)
a = p.parse_args()
memory = bytearray(a.mib << 20)
for i in range(0, len(memory), 1 << 20):
    memory[i : i + (1 << 20)] = os.urandom(1 << 20)
fd = os.open(f"/shared/{a.label}.gap", os.O_WRONLY | os.O_CREAT, 0o644)
longest = at = ticks = where = 0
owed = 0.0
reset = False


def on_reset(*_):
    global reset
    reset = True


def report(now):
    os.pwrite(fd, b"%-15d %-20d %-12d %-8d\n" % (longest // 1000, at, ticks, os.getpid()), 0)


signal.signal(signal.SIGUSR1, on_reset)
ready()
last = wrote = time.time_ns()
while True:
    time.sleep(0.001)
    now = time.time_ns()
    ticks += 1
    if reset:
        reset, longest, last, at = False, 0, now, now
    if memory and a.dirty:
        # never try to catch up on more than 100 ms, or a pause would lengthen itself
        owed += min((now - last) / 1e9, 0.1) * a.dirty * (1 << 20) / PAGE
        while owed >= 1:
            memory[where] = (memory[where] + 1) & 255
            where = (where + PAGE) % len(memory)
            owed -= 1
    if now - last > longest:
        longest, at = now - last, now
        report(now)
        wrote = now
    elif now - wrote > 100_000_000:
        report(now)
        wrote = now
    last = now
