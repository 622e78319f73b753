"""Compile time of straight-line functions at -O2, with and without their gradient. Usage: straight_line.py BIN [STATEMENTS...]

Lines: statements, seconds of CPU time plain and with the gradient, their ratio; seconds for the function and its gradient when
the gradient's text is compiled as if it were written by hand. BIN: where nabla++ and nabla are.
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


def measure(tools, folder, mix, n):
    """Plain, with the gradient, and the gradient's text."""
    source, text, output = (os.path.join(folder, name) for name in ("line.cpp", "text.cpp", "line.o"))
    with open(source, "w") as out:
        out.write(program(n, mix))
    flags = ["-std=c++17", "-Wno-unknown-attributes"]
    subprocess.run([os.path.join(tools, "nabla"), "--whole", source, "-o", text, "--", "-DGRADIENT"] + flags, check=True)
    base = flags + ["-O2", "-c", "-o", output]
    compiler = [os.path.join(tools, "nabla++")] + base
    commands = [compiler + [source], compiler + ["-DGRADIENT", source],
                ["clang++-19", "-DGRADIENT", "-I" + os.path.join(tools, "../include")] + base + [text]]
    return [min(times) for times in zip(*([seconds(c) for c in commands] for _ in range(3)))]


def main():
    tools, sizes = sys.argv[1], [int(n) for n in sys.argv[2:]] or [500, 1000, 2000, 4000]
    print(f"{'straight-line statements':<26} {'plain_s':>10} {'grad_s':>8} {'ratio':>8} {'text_s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for mix, n in itertools.product(MIXES, sizes):
            plain, gradient, text = measure(tools, folder, mix, n)
            print(f"{f'{n}, {mix}':<26} {plain:10.2f} {gradient:8.2f} {gradient / plain:8.2f} {text:8.2f}", flush=True)


main()
