# SPDX-License-Identifier: GPL-2.0-or-later
"""The pauses as a picture, by gnuplot."""

import json
import shutil
import statistics
import subprocess

COLOURS = ["#1b6ca8", "#5fa8d3", "#e09f3e", "#c8553d", "#7b2d26", "#9a9a9a"]


def pauses(results, svg):
    """Draw RESULTS' row "pause", if it was measured, into SVG."""
    with open(results) as f:
        pause = json.load(f)["raw"].get("pause")
    if not pause or not shutil.which("gnuplot"):
        return
    names = list(next(iter(pause.values())))
    lines = []
    for mib, got in pause.items():
        cells = ["%.1f" % statistics.median(one["pause_ms"] for one in got[name]) if got.get(name) else "?" for name in names]
        lines.append('"%s MiB" %s' % (mib, " ".join(cells)))
    script = ["set terminal svg size 760,360 font 'sans-serif,12' background '#ffffff'", "set output '%s'" % svg,
              "set style data histogram", "set style histogram clustered gap 1", "set style fill solid 1 noborder",
              "set logscale y", "set yrange [10:*]", "set ylabel 'pause the process sees, ms (log)'",
              "set grid ytics lc rgb '#dddddd'", "set key outside right top Left reverse noenhanced", "set border 3",
              "set tics nomirror", "set datafile missing '?'", "$data << EOD"] + lines + ["EOD", "plot " + ", ".join(
                  "$data using %d%s title \"%s\" lc rgb '%s'" % (i + 2, ":xtic(1)" if i == 0 else "", name, COLOURS[i % len(COLOURS)])
                  for i, name in enumerate(names))]
    done = subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True, capture_output=True)
    if done.returncode:
        print("bench: gnuplot: " + done.stderr.strip())


# Where each bar of a move's time line begins and ends, by its marks.
BARS = [("source: dump", "freeze", "source: held", "#c8553d"), ("source: held", "source: held", "source: decision", "#e09f3e"),
        ("source: killed", "source: decision", "source: gone", "#7b2d26"),
        ("images go over", "first bytes sent", "destination: received", "#5fa8d3"),
        ("destination: restore", "destination: received", "destination: held", "#1b6ca8"),
        ("destination: go", "go", "destination: running", "#3d7a4f"), ("frozen, as pferry sees it", "freeze", "destination: running", "#9a9a9a")]


def timeline(results, svg):
    """Draw the time line of the move of 3 MiB by relay whose pause is in the middle."""
    with open(results) as f:
        pause = json.load(f)["raw"].get("pause")
    taken = sorted((one for one in (pause or {}).get("3", {}).get("pferry, relay", []) if one.get("timeline")),
                   key=lambda one: one["pause_ms"])
    if not taken or not shutil.which("gnuplot"):
        return
    marks = {}
    for mark in taken[len(taken) // 2]["timeline"]:
        marks.setdefault(mark["what"].rstrip(" 0123456789"), mark["us"] / 1000)
    zero = marks["freeze"]
    bars = [(name, marks[a] - zero, marks[b] - zero, colour) for name, a, b, colour in BARS if a in marks and b in marks]
    script = ["set terminal svg size 760,300 font 'sans-serif,12' background '#ffffff'", "set output '%s'" % svg,
              "set yrange [%g:0.3]" % (-len(bars) + 0.3), "set xrange [0:%g]" % (max(b[2] for b in bars) * 1.05),
              "set xlabel 'ms since the freeze'", "set border 1", "set tics nomirror", "set grid xtics lc rgb '#dddddd'", "unset key",
              "set ytics scale 0 (%s)" % ", ".join('"%s" %d' % (bar[0], -i) for i, bar in enumerate(bars)),
              "set style fill solid 1 noborder"]
    for i, (_, begin, end, colour) in enumerate(bars):
        script.append("set object rectangle from %g,%g to %g,%g fc rgb '%s'" % (begin, -i - 0.35, max(end, begin + 0.4), -i + 0.35, colour))
        script.append("set label '%.0f ms' at %g,%g offset 0.5,0" % (end - begin, end, -i))
    script += ["plot NaN notitle"]
    done = subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True, capture_output=True)
    if done.returncode:
        print("bench: gnuplot: " + done.stderr.strip())
