#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A parent, three children and a grandchild, each counting in its own memory.

Each appends "N TIME_NS PID" to /shared/LABEL-ROLE.log; the roles are
parent, child1, child2, child3 and grandchild (of child1)."""
import argparse
import os
import time

from ready import append, ready

p = argparse.ArgumentParser()
p.add_argument("label")
p.add_argument("--ms", type=float, default=100)
a = p.parse_args()


def work(role):
    fd = append(f"/shared/{a.label}-{role}.log")
    n = 0
    while True:
        n += 1
        os.write(fd, b"%d %d %d\n" % (n, time.time_ns(), os.getpid()))
        time.sleep(a.ms / 1000)


out = os.dup(1)
null = os.open("/dev/null", os.O_RDWR)
os.dup2(null, 1)
os.dup2(null, 2)
os.close(null)
up_r, up_w = os.pipe()  # ends when all of them are there


def child(role):
    os.close(out)
    os.close(up_r)
    os.close(up_w)
    work(role)


for i in (1, 2, 3):
    if os.fork() == 0:
        if i == 1 and os.fork() == 0:
            child("grandchild")
        child(f"child{i}")
os.close(up_w)
os.read(up_r, 1)
os.close(up_r)
os.dup2(out, 1)
os.close(out)
ready()
work("parent")
