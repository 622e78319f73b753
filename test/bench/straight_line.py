"""Compile time of straight-line functions at -O2, with and without their gradient. Usage: straight_line.py NABLAXX [STATEMENTS...]

Lines: statements, seconds of CPU time plain and with the gradient, their ratio.
"""
import itertools
import os
import random
import resource
import subprocess
import sys
import tempfile


MIXES = {
    "mixed": ("{a} * {b} + 0.5", "0.5 * {a} - {b}", "std::sin({a}) * {b}", "{a} / (2 + {b} * {b})", "{a} * 0.3 + {b} * 0.7"),
    "arithmetic": ("{a} * {b} - 0.25 * {c}",),
    "a call each": ("std::sin({a}) * {b} + 0.1 * {c}",),
}


def program(statements, mix):
    draw = random.Random(7)
    lines = ["#include <cmath>", "#include <nabla/nabla.h>", "#ifdef GRADIENT", "[[nabla::gradient]]", "#endif",
             "double f(double x, double y) {", "  double v0 = x * y, v1 = x + y, v2 = x - y;"]
    for i in range(3, statements):
        a, b, c = (f"v{draw.randrange(max(0, i - 30), i)}" for _ in range(3))
        lines.append(f"  double v{i} = {draw.choice(MIXES[mix]).format(a=a, b=b, c=c)};")
    return "\n".join(lines + [f"  return v{statements - 1} + v{statements - 2};", "}"]) + "\n"


def seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(command, check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main():
    nablaxx, sizes = sys.argv[1], [int(n) for n in sys.argv[2:]] or [500, 1000, 2000, 4000]
    print(f"{'straight-line statements':<26} {'plain_s':>10} {'grad_s':>8} {'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "line.cpp")
        for mix, n in itertools.product(MIXES, sizes):
            with open(source, "w") as out:
                out.write(program(n, mix))
            base = [nablaxx, "-std=c++17", "-O2", "-Wno-unknown-attributes", "-c", source, "-o", source + ".o"]
            plain, gradient = (min(seconds(base + more) for _ in range(3)) for more in ([], ["-DGRADIENT"]))
            print(f"{f'{n}, {mix}':<26} {plain:10.2f} {gradient:8.2f} {gradient / plain:8.2f}", flush=True)


main()
