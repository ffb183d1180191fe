# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory copied ahead, in two virtual machines whose kernel tracks it."""

from common import Lab, TOP, median, pferry, say, times
from ways import Ticker


DIRTY = 4  # MiB a second, page by page


class Machines(Lab):
    program, letter, variable = TOP + "/tests/lab/vm", "v", "VM_NAME"


def there_and_back(lab, ticker, mode):
    """The mean pause of two moves: the machines' clocks differ by as much each way."""
    gaps, results = [], []
    for source, destination in (lab.hosts, lab.hosts[::-1]):
        lab.sh(source, "kill -USR1 %d" % ticker.pid)
        ticker.settle()
        result, _, _ = pferry(lab, "move", "--json", "--mode", mode, "--via", "relay", "%s:%d" % (source, ticker.pid), destination)
        if result.get("outcome") != "moved" or result["mode"] != mode:
            raise RuntimeError("%s: %s %s" % (mode, result.get("reason"), result.get("warning")))
        ticker.at = destination
        gaps.append(ticker.settle() / 1000)
        results.append(result)
    return sum(gaps) / 2, results


def run(found):
    lab = Machines("bench-precopy")
    ways = {"3 MiB, plain": (3, 0, "plain"), "64 MiB, plain": (64, 0, "plain"), "64 MiB, pre-copy": (64, 0, "precopy"),
            "64 MiB, %d MiB/s written, plain" % DIRTY: (64, DIRTY, "plain"),
            "64 MiB, %d MiB/s written, pre-copy" % DIRTY: (64, DIRTY, "precopy")}
    tickers = {what[:2]: Ticker(lab, *what[:2]) for what in ways.values()}
    got = {name: [] for name in ways}
    for n in range(times(2, 5)):
        for name, (mib, dirty, mode) in ways.items():
            pause, results = there_and_back(lab, tickers[mib, dirty], mode)
            got[name].append({"pause_ms": pause, "total_ms": median([r["total_ms"] for r in results]),
                              "rounds": [r.get("rounds") for r in results]})
            say("  %d, %s: %.0f ms" % (n + 1, name, pause))
    lab.down()
    rows = [[name, median([g["pause_ms"] for g in taken]), median([g["total_ms"] for g in taken])] for name, taken in got.items()]
    found.table("Pause in virtual machines without a processor of their own, mostly idle process", ["way", "pause ms", "total ms"], rows)
    found.raw["precopy"] = got
    found.target("pause, pre-copy, 64 MiB mostly idle", "plain with 3 MiB", rows[2][1] / rows[0][1], 2)
