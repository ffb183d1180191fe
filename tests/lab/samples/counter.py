#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Count in memory; append "N TIME_NS PID" for each to /shared/LABEL.log, with fsync."""
import argparse
import fcntl
import os
import time

from ready import append, ready

p = argparse.ArgumentParser()
p.add_argument("label")
p.add_argument("--ms", type=float, default=50)
p.add_argument("--lock", action="store_true", help="hold an flock on the file")
a = p.parse_args()
fd = append(f"/shared/{a.label}.log")
if a.lock:
    fcntl.flock(fd, fcntl.LOCK_EX)
n = 0
ready()
while True:
    n += 1
    os.write(fd, b"%d %d %d\n" % (n, time.time_ns(), os.getpid()))
    os.fsync(fd)
    time.sleep(a.ms / 1000)
