#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold MIB MiB of random memory and verify its checksum without end.

Looks at the clock each --ms (1) millisecond. Every 100 ms a line is appended to
/shared/LABEL.log: "N TIME_NS PID GAP_US MAX_GAP_US PASSES", the longest
gap between two looks since the last line and ever, and how often all memory
was found intact. "BAD ..." is the last line should it not be. --dirty MiB of it
are made anew each second. SIGUSR1: two passes without a rest."""
import argparse
import os
import signal
import sys
import time
import zlib

from ready import append, ready

PIECE = 64 << 10

p = argparse.ArgumentParser()
p.add_argument("label")
p.add_argument("--mib", type=int, default=300)
p.add_argument("--ms", type=float, default=1)
p.add_argument("--dirty", type=float, default=0)
a = p.parse_args()
fd = append(f"/shared/{a.label}.log")
memory = bytearray(a.mib << 20)
for i in range(0, len(memory), 1 << 20):
    memory[i : i + (1 << 20)] = os.urandom(1 << 20)
view = memoryview(memory)
sums = [zlib.crc32(view[i : i + PIECE]) for i in range(0, len(memory), PIECE)]
n = passes = where = gap = longest = hurry = made = 0
owed = 0.0


def on_hurry(*_):
    global hurry
    hurry = 2 * len(sums)


signal.signal(signal.SIGUSR1, on_hurry)
ready()
last = line = time.time_ns()
while True:
    if hurry > 0:
        hurry -= 1
    else:
        time.sleep(a.ms / 1000)
    if sums:
        piece = view[where * PIECE : (where + 1) * PIECE]
        if zlib.crc32(piece) != sums[where]:
            os.write(fd, b"BAD piece %d of %d\n" % (where, len(sums)))
            sys.exit(1)
        where += 1
        if where == len(sums):
            where = 0
            passes += 1
    now = time.time_ns()
    # never try to catch up on more than 200 ms
    owed += min((now - last) / 1e9, 0.2) * a.dirty * (1 << 20) / PIECE if sums else 0
    while owed >= 1:
        memory[made * PIECE : (made + 1) * PIECE] = os.urandom(PIECE)
        sums[made] = zlib.crc32(view[made * PIECE : (made + 1) * PIECE])
        made = (made + 1) % len(sums)
        owed -= 1
    gap = max(gap, now - last)
    longest = max(longest, gap)
    last = now
    if now - line >= 100_000_000:
        n += 1
        os.write(fd, b"%d %d %d %d %d %d\n" % (n, now, os.getpid(), gap // 1000, longest // 1000, passes))
        line, gap = now, 0
