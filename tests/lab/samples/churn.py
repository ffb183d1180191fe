#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold MIB MiB of random memory while its address space changes without end.

Each turn forks a child that verifies a part of it, maps more, unmaps, moves and
gives back mappings, and verifies what those hold.  Each appends "N TIME_NS PID"
to /shared/LABEL.log; "BAD ..." is the last line should something not be as it was."""
import argparse
import ctypes
import mmap
import os
import random
import time
import zlib

from ready import append, ready

PIECE = 64 << 10
libc = ctypes.CDLL(None, use_errno=True)
libc.mremap.restype = ctypes.c_void_p
libc.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]

p = argparse.ArgumentParser()
p.add_argument("label")
p.add_argument("--mib", type=int, default=160)
a = p.parse_args()
fd = append(f"/shared/{a.label}.log")
memory = [bytearray(os.urandom(1 << 20)) for _ in range(a.mib)]
sums = [zlib.crc32(m) for m in memory]


def bad(what):
    os.write(fd, b"BAD %s\n" % what.encode())
    os._exit(1)


def verify(times):
    for _ in range(times):
        i = random.randrange(len(memory))
        if zlib.crc32(memory[i]) != sums[i]:
            bad("piece %d" % i)


def given_back():
    """Pages that were given back are zeroes, not what they were; the others stay."""
    half = len(held) // 2
    what = os.urandom(len(held))
    held[:] = what
    held.madvise(mmap.MADV_DONTNEED, 0, half)
    if held[:half].strip(b"\0") or held[half:] != what[half:]:
        bad("what was given back")


def moved():
    """A mapping that grows and shrinks may lie elsewhere then, and is what it was."""
    global at, size
    grown = 1 << 20 if size > 16 << 20 else size * 2
    at = libc.mremap(at, size, grown, 1)  # MREMAP_MAYMOVE
    size = grown
    if at == ctypes.c_void_p(-1).value:
        bad("mremap: %d" % ctypes.get_errno())
    if ctypes.string_at(at, len(pattern)) != pattern:
        bad("what was moved")


held = mmap.mmap(-1, 4 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
size = 1 << 20
at = libc.mmap(None, size, 3, 0x22, -1, 0)
pattern = os.urandom(1 << 20)
ctypes.memmove(at, pattern, len(pattern))
ready()
n = 0
while True:
    child = os.fork()
    if child == 0:
        verify(4)
        os._exit(0)
    verify(5)
    given_back()
    moved()
    # Memory that the heap lets go of is unmapped.
    junk = [bytearray(random.randrange(1 << 12, 4 << 20)) for _ in range(6)]
    random.shuffle(junk)
    del junk
    memory[n % len(memory)] = bytearray(os.urandom(1 << 20))
    sums[n % len(memory)] = zlib.crc32(memory[n % len(memory)])
    if os.waitpid(child, 0)[1] != 0:
        bad("what a child saw")
    n += 1
    os.write(fd, b"%d %d %d\n" % (n, time.time_ns(), os.getpid()))
    time.sleep(0.05)
