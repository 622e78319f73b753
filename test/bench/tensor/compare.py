#!/usr/bin/env python3
"""Nabla's tensors against Debian's libtorch, in turns on one thread.

    compare.py BUILD [--rounds N] [--only CASE] [--no-libtorch]

Builds cases.cpp and hello.cpp for both (libtorch-dev must be installed), and static.cpp, which has some of the cases without a graph. Runs them
alternately and prints medians of the ratios, then start-up, memory, compile time and size of the smallest program. Ratios above 1: Nabla is faster.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
TORCH_INCLUDE = "/usr/include/torch/csrc/api/include"


def compile_program(name, out, torch, build, optimize="-O2"):
    command = [os.environ.get("CXX", "clang++-19"), "-std=c++17", optimize, os.path.join(HERE, name), "-o", out]
    if torch:
        command[0] = "g++"  # libtorch 1.13's headers do not compile with clang 19
        command += ["-DBENCH_LIBTORCH", "-I" + TORCH_INCLUDE, "-ltorch", "-ltorch_cpu", "-lc10", "-ldl"]
    else:
        command += ["-I", os.path.join(ROOT, "runtime"), os.path.join(build, "lib", "libnabla.a"), "-ldl"]
    start = time.time()
    subprocess.run(command, check=True)
    return time.time() - start


def compile_static(out, build):
    """With the plugin: gradients made at compile time."""
    subprocess.run([os.path.join(build, "bin", "nabla++"), "-std=c++17", "-O2", os.path.join(HERE, "static.cpp"), "-o", out, "-ldl"], check=True)


def environment():
    env = dict(os.environ, NABLA_NUM_THREADS="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    env.pop("OPENBLAS_CORETYPE", None)  # some machines ask for slower kernels than they have
    return env


def run_cases(program, only):
    lines = subprocess.run([program] + ([only] if only else []), env=environment(), check=True, capture_output=True, text=True).stdout
    return {name: float(seconds) for name, seconds in (line.split() for line in lines.splitlines())}


def start_up(program):
    """Seconds from start to exit, and MiB of memory."""
    times = []
    for _ in range(9):
        start = time.time()
        subprocess.run([program], env=environment(), check=True, stdout=subprocess.DEVNULL)
        times.append(time.time() - start)
    pid = os.fork()
    if pid == 0:
        os.execve("/bin/sh", ["sh", "-c", f"{program} > /dev/null"], environment())
    _, _, used = os.wait4(pid, 0)
    return statistics.median(times), used.ru_maxrss / 1024


def libraries(program):
    """Bytes of the program and of the shared libraries it loads."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    paths = {os.path.realpath(p) for p in re.findall(r"=> (/\S+)", listed)}
    return os.path.getsize(program), sum(os.path.getsize(p) for p in paths)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--no-libtorch", action="store_true", help="the tape against static gradients alone")
    options = parser.parse_args()
    if not options.no_libtorch and not os.path.exists(TORCH_INCLUDE):
        sys.exit("libtorch is not installed: apt-get install libtorch-dev")
    out = os.path.join(options.build, "bench-tensor")
    os.makedirs(out, exist_ok=True)
    programs = {}
    both = (False,) if options.no_libtorch else (False, True)
    for name in ("cases", "hello"):
        for torch in both:
            path = os.path.join(out, name + ("-libtorch" if torch else "-nabla"))
            programs[name, torch] = path, compile_program(name + ".cpp", path, torch, options.build)
    static = os.path.join(out, "static")
    compile_static(static, options.build)
    rounds = [[run_cases(programs["cases", torch][0], options.only) for torch in both] + [run_cases(static, options.only)]
              for _ in range(options.rounds)]
    heads = ["nabla us", "libtorch us", "static us"]
    if options.no_libtorch:
        heads.remove("libtorch us")
    print(f"{'case':28s}" + "".join(f" {head:>12s}" for head in heads) + ("" if options.no_libtorch else f" {'ratio':>7s}"))
    for case in rounds[0][0]:
        line = f"{case:28s}"
        for i in range(len(heads)):
            known = case in rounds[0][i]
            line += f" {statistics.median(r[i][case] for r in rounds) * 1e6:12.3f}" if known else f" {'':12s}"
        if not options.no_libtorch:
            line += f" {statistics.median(r[1][case] / r[0][case] for r in rounds):7.2f}"
        print(line)
    for torch in both:
        path, seconds = programs["hello", torch]
        start, memory = start_up(path)
        own, shared = libraries(path)
        print(f"{'libtorch' if torch else 'nabla':9s} hello: start to exit {start * 1e3:.1f} ms, {memory:.0f} MiB, compile -O2 "
              f"{seconds:.1f} s, program {own / 1e6:.1f} MB, shared libraries {shared / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
