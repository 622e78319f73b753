# One runner for every test: `tool/check`, or `lit build/test` style: python3 <lit.py> -sv test -DBUILD=build
# A file with RUN lines is a shell test; any other .cpp of run/ and objectives/ is a program for the matrix (matrix.py);
# any other .cpp of rules/, emit/, ... is a Clang-free unit test linked with nabla_core.
import os
import sys

import lit.formats

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import matrix

root = os.path.dirname(here)
build = os.path.abspath(lit_config.params.get("BUILD", os.path.join(root, "build")))

config.name = "nabla"
config.test_source_root = here
config.test_exec_root = os.path.join(build, "test-output")
config.suffixes = [".cpp", ".test"]
config.excludes = ["CMakeLists.txt", "Inputs", "lit.cfg.py"]
config.test_format = matrix.NablaFormat(root, build, lit_config.params)

for name in ("HOME", "PATH", "TMPDIR", "NABLA_FULL"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
config.environment["PATH"] = os.pathsep.join(
    ["/usr/lib/llvm-19/bin", os.path.join(build, "bin"), config.environment.get("PATH", "/usr/bin:/bin")])

settings = matrix.Settings(root, build)
config.substitutions += [
    ("%nablaxx", settings.nablaxx),
    ("%nabla", settings.nabla),
    ("%clangxx", "clang++-19"),
    ("%gxx", "g++-12"),
    ("%include", settings.include),
    ("%plugin", os.path.join(build, "lib/nabla.so")),
    ("%lib", os.path.join(build, "lib")),
    ("%build", build),
    ("%root", root),
    ("%filecheck", "FileCheck"),
    ("%check", "-I" + here),
    ("%core", settings.core),
    ("%tensor", os.path.join(here, "tensor/Inputs/compile") + " " + build),
]
