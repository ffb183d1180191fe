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
