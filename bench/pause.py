# SPDX-License-Identifier: GPL-2.0-or-later
"""The pause a process sees while it is moved, by each way in turn."""

import time

from common import FULL, Lab, Shell, agent, median, say, times
from link import Link
from rate import raw_tcp
from ways import WAYS, Move, Ticker

RELAY, DIRECT, TAR, SCP, SFTP, FLOOR, PLAIN, LAZY, LAZY_DIRECT = WAYS
HEAD = ["way", "times", "pause ms", "of relay's", "least", "predicted", "total ms", "MB", "CPU s"]
# Longer than a cup of coffee; its part grows with the size in any case.
NOT_IN_QUICK = {(512, SFTP), (2048, SFTP), (2048, SCP)}


def measure(move, mib, ways, repeats, enough_s=1e9, dirty=0):
    """{way: [what one move showed]}, taken in turn; no new turn begins after so many seconds."""
    got = {name: [] for name in ways}
    ticker = Ticker(move.lab, mib, dirty)
    began = time.monotonic()
    for n in range(repeats):
        if time.monotonic() - began > enough_s:
            break
        for name in ways:
            try:
                gap, took, said = ticker.pause_us(move, WAYS[name])
            except RuntimeError as why:
                say("  %d MiB: %s: %s" % (mib, name, why))
                ticker.end()
                ticker = Ticker(move.lab, mib, dirty)
                continue
            got[name].append({"pause_ms": gap / 1000, "total_ms": took * 1000, **said})
            say("  %d MiB, %d of %d, %s: %.0f ms" % (mib, n + 1, repeats, name, gap / 1000))
    ticker.end()
    move.clean()
    return got


def middle(got, name, what="pause_ms"):
    return median([one[what] for one in got.get(name, []) if what in one])


def ratio(a, b):
    return None if a is None or not b else a / b


def tabulate(found, title, got):
    base = middle(got, RELAY)
    rows = []
    for name, taken in got.items():
        if not taken:
            rows.append([name] + [0, "failed"] + [None] * 6)
            continue
        rows.append([name, len(taken), middle(got, name), ratio(middle(got, name), base), min(one["pause_ms"] for one in taken),
                     middle(got, name, "foretold_ms"), middle(got, name, "total_ms"), (middle(got, name, "bytes") or 0) / 1e6, middle(got, name, "cpu")])
    found.table(title, HEAD, rows)


def timeline(found, got):
    """Where the time of the move nearest to the median went."""
    taken = sorted((one for one in got[RELAY] if one.get("timeline")), key=lambda one: one["pause_ms"])
    if not taken:
        return
    marks = taken[len(taken) // 2]["timeline"]
    frozen = next((m["us"] for m in marks if m["what"] == "freeze"), 0)
    rows, last = [], frozen
    for mark in marks:
        if mark["us"] >= frozen:
            rows.append([mark["what"], (mark["us"] - frozen) / 1000, (mark["us"] - last) / 1000])
            last = mark["us"]
    found.table("Timeline of a move of 3 MiB by relay, ms since the freeze", ["mark", "at", "after"], rows)


def sizes():
    """MiB, how often each is moved each way, and the seconds after which it is enough."""
    yield 3, times(9, 21), 1e9
    yield 64, times(2, 5), 1e9
    yield 512, times(3, 3), 1e9 if FULL else 45
    if FULL:
        yield 2048, times(1, 1), 1e9


def ideal_ms(all_of, way, rate):
    """The time of its bytes at raw TCP's rate, and what CRIU takes for a small process with nothing sent."""
    bytes_over, floor = middle(all_of[512], way, "bytes"), middle(all_of[3], FLOOR)
    return None if None in (bytes_over, floor) else bytes_over / rate * 1000 + floor


def run(found):
    lab = Lab("bench-pause")
    move = Move(lab, Shell(lab), agent(lab))
    all_of = {}
    for mib, repeats, enough_s in sizes():
        ways = [name for name in WAYS if name != LAZY and (FULL or (mib, name) not in NOT_IN_QUICK) and
                (name != LAZY_DIRECT or mib == 512)]
        got = all_of[mib] = measure(move, mib, ways, repeats, enough_s)
        tabulate(found, "Pause of a process with %d MiB of random memory, loopback" % mib, got)
    timeline(found, all_of[3])
    lazy = measure(move, 2048, [LAZY], times(3, 3))
    tabulate(found, "Pause of a process with 2048 MiB, post-copy", lazy)
    rates = [raw_tcp(lab, "h1", "h2", 256) for _ in range(3)]
    lab.down()
    found.raw["pause"] = all_of
    found.raw["post-copy"] = lazy
    found.target("pause, 3 MiB, relay", TAR, ratio(middle(all_of[3], RELAY), middle(all_of[3], TAR)), 1.2)
    found.target("pause, 64 MiB, relay", SFTP, ratio(middle(all_of[64], RELAY), middle(all_of[64], SFTP)), 1 / 40)
    found.target("pause, 512 MiB, relay", SCP, ratio(middle(all_of[512], RELAY), middle(all_of[512], SCP)), 0.4)
    # Post-copy has a short pause whatever the size; auto, which never picks that, pre-copies memory.
    picked = next((one["mode"] for one in all_of[512][DIRECT]), "nothing")
    for mode, way in (("post-copy", LAZY_DIRECT), ("auto: " + picked, DIRECT)):
        found.target("pause, 512 MiB, direct, " + mode, "bytes at raw TCP's rate, + dump and restore of 3 MiB",
                     ratio(middle(all_of[512], way), ideal_ms(all_of, way, median(rates))), 1.2)
    found.target("pause, post-copy, 2 GiB", "relay with 3 MiB, plain", ratio(middle(lazy, LAZY), middle(all_of[3], PLAIN)), 2)


def run_dirty(found):
    """A process that writes to its memory while it is moved."""
    mib, rate = 64, 32
    lab = Lab("bench-dirty")
    move = Move(lab, Shell(lab), agent(lab))
    got = measure(move, mib, [RELAY, PLAIN, DIRECT, TAR, FLOOR], times(2, 5), dirty=rate)
    found.raw["dirty"] = got
    tabulate(found, "Pause with %d MiB of which %d MiB a second are written to" % (mib, rate), got)
    lab.down()


SHAPES = [(1000, 1), (100, 20)]


def run_link(found):
    """The same for 64 MiB where the link is the slow part."""
    for mbit, round_trip in SHAPES:
        lab = Lab("bench-link")
        for host in lab.hosts:
            Link(lab, host, mbit, round_trip)
        move = Move(lab, Shell(lab), agent(lab))
        repeats = times(2 if mbit > 500 else 1, 3)
        # Each piece of the archive waits for two round trips: minutes, and no news.
        ways = [name for name in WAYS if name not in (FLOOR, LAZY, LAZY_DIRECT) and (FULL or name != SFTP)]
        got = measure(move, 64, ways, repeats)
        found.raw["link %d Mbit/s %d ms" % (mbit, round_trip)] = got
        tabulate(found, "Pause with 64 MiB, each host's link %d Mbit/s, %d ms there and back" % (mbit, round_trip), got)
        lab.down()
