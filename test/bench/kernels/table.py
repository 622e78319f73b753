"""Geometric means of a table that bench printed; with a directory, performance.md and performance.svg are written there.

Usage: table.py TABLE PEER_TABLE LINES [DOCS]        PEER_TABLE: the comparison with ADOL-C, if that was made; LINES: compile times
"""
import math
import os
import sys


def read(path, columns=6):
    rows = []
    for line in open(path) if os.path.exists(path) else []:
        name, *numbers = line.rsplit(None, columns)
        if len(numbers) == columns and numbers[0] not in ("primal_ms", "plain_s"):
            rows.append((name.strip(), [float(x) for x in numbers]))
    return rows


def mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def plot(rows):
    """Two bars per kernel, in units of the primal's time."""
    left, width, step = 210, 460, 26
    longest = max(max(n[1], n[2]) for _, n in rows)
    scale = width / longest
    height = 50 + step * len(rows)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" height="{height}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="100%" height="100%" fill="white"/>',
           f'<rect x="{left}" y="10" width="12" height="10" fill="#3465a4"/><text x="{left + 18}" y="19">Nabla</text>',
           f'<rect x="{left + 80}" y="10" width="12" height="10" fill="#aaaaaa"/>'
           f'<text x="{left + 98}" y="19">written by hand</text>',
           f'<text x="{left + 220}" y="19" fill="#555">gradient time / primal time</text>']
    for i, (name, n) in enumerate(rows):
        y = 34 + step * i
        out.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{name}</text>')
        for k, (value, color) in enumerate(((n[1], "#3465a4"), (n[2], "#aaaaaa"))):
            out.append(f'<rect x="{left}" y="{y + 10 * k}" width="{value * scale:.1f}" height="9" fill="{color}"/>')
            out.append(f'<text x="{left + value * scale + 4:.1f}" y="{y + 10 * k + 8}" font-size="9">{value:.2f}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


HEAD = """# How fast gradients are

Each kernel of `test/bench/kernels` has a gradient by Nabla and one written by hand as well as we could, in one program, with the
same flags (`-O3 -march=native`). `tool/bench` first checks that both agree, then times them and the function itself in turns
(thread CPU time, medians) and prints this table; `tool/bench --write` writes this page. Differences below 15 % are not resolved.

![gradient time in units of the function's](performance.svg)

| kernel | function, ms | gradient / function | by hand / function | gradient / by hand | MB | MB by hand |
|---|---|---|---|---|---|---|
"""


PEER = """
## Against ADOL-C

The same text with ADOL-C's type for `double` (`test/bench/adolc`), smaller inputs; all in units of the function's time. ADOL-C
either records each time, which follows branches as the static gradient does, or evaluates a tape that was recorded once.

| function | function, ms | Nabla | ADOL-C, recording | ADOL-C, recorded once |
|---|---|---|---|---|
"""


LINES = """
## Compile time

Functions of straight-line statements, each of random ones among the thirty before it (`test/bench/straight_line.py`), clang 19 at
`-O2`, seconds of CPU time. The last column is what clang takes for the function and the text of its gradient as an ordinary
source: that much more is the operations themselves, which are three to four times the function's.

| statements | function | and its gradient | ratio | the text alone |
|---|---|---|---|---|
"""


def main():
    rows, peer, lines = read(sys.argv[1]), read(sys.argv[2], 4), read(sys.argv[3], 4)
    if not rows:
        sys.exit("table: nothing was measured")
    means = [mean([n[k] for _, n in rows]) for k in (1, 2, 3)]
    print(f"{'geometric mean':<26} {'':>10} {means[0]:8.2f} {means[1]:8.2f} {means[2]:8.2f}")
    if len(sys.argv) < 5:
        return
    with open(os.path.join(sys.argv[4], "performance.md"), "w") as page:
        page.write(HEAD)
        for name, n in rows:
            page.write(f"| {name} | {n[0]:.3g} | {n[1]:.2f} | {n[2]:.2f} | {n[3]:.2f} | {n[4]:.2f} | {n[5]:.2f} |\n")
        page.write(f"| geometric mean | | {means[0]:.2f} | {means[1]:.2f} | {means[2]:.2f} | | |\n")
        page.write("\nMB is what the gradient allocates beyond its arguments, at most at one time; static buffers "
                   "of the hand-written ones count once, at their first call.\n")
        page.write(PEER if peer else "")
        for name, n in peer:
            page.write(f"| {name} | {n[0]:.3g} | {n[1]:.2f} | {n[2]:.1f} | {n[3]:.1f} |\n")
        page.write(LINES if lines else "")
        for name, n in lines:
            page.write(f"| {name} | {n[0]:.2f} | {n[1]:.2f} | {n[2]:.2f} | {n[3]:.2f} |\n")
    with open(os.path.join(sys.argv[4], "performance.svg"), "w") as picture:
        picture.write(plot(rows))


main()
