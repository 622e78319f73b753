"""The lit format of the suite: a program in run/ becomes one test per configuration.

plugin        nabla++ -O1                                          always
sanitized     nabla++ -O1 with ASan and UBSan                      a quarter that rotates by the day; all with NABLA_FULL=1
forward       pushforward and hvp instead of gradient              a quarter that rotates by the day; all with NABLA_FULL=1
gxx, clangxx  the tool's --whole text, compiled by either          a quarter that rotates by the day; all with NABLA_FULL=1
O0 O2 O3, no-X                                                     with NABLA_FULL=1

A line `// MATRIX: plugin gxx` near the head of a file limits it to these, `// WITHOUT: no-inline` leaves these out;
`// FLAGS: ...` adds compiler flags.
"""
import datetime
import hashlib
import os
import re

import lit.formats
import lit.Test
import lit.TestRunner
import lit.util

PROGRAMS = ("run", "objectives")
UNITS = ("rules", "emit", "analysis", "diff", "ir", "runtime", "import")
ANALYSES = ("inline", "alias", "activity", "values", "fusion", "order", "restrict", "windows", "cut",
            "ranges", "copies", "share", "simplify", "sums", "postpone", "gather", "fission", "branches", "zeros", "blocks", "checkpoint")
STANDARDS = ("c++17", "c++20", "c++23")


class Settings:
    def __init__(self, root, build):
        self.nablaxx = os.path.join(build, "bin", "nabla++")
        self.nabla = os.path.join(build, "bin", "nabla")
        self.include = os.path.join(build, "include")
        self.library = os.path.join(build, "lib")
        self.core = (f"-std=c++20 -I{root}/lib -I{root}/runtime -I{root}/test -Wall -Wextra "
                     f"-Wno-missing-field-initializers -O1")
        self.core_library = os.path.join(build, "lib", "private", "libnabla_core.a")


def in_todays_quarter(name, shift):
    digest = int(hashlib.sha256(name.encode()).hexdigest(), 16)
    return (digest + shift) % 4 == datetime.date.today().toordinal() % 4


def header_line(text, key):
    found = re.search(r"^// " + key + r":(.*)$", text, re.MULTILINE)
    return found.group(1).split() if found else None


class NablaFormat(lit.formats.ShTest):
    def __init__(self, root, build, params):
        super().__init__(execute_external=False)
        self.root, self.build = root, build
        self.settings = Settings(root, build)
        self.full = bool(os.environ.get("NABLA_FULL")) or bool(params.get("FULL"))

    # -- which tests a file stands for

    def getTestsInDirectory(self, suite, path_in_suite, lit_config, local_config):
        for test in super().getTestsInDirectory(suite, path_in_suite, lit_config, local_config):
            source = test.getSourcePath()
            text = open(source, errors="replace").read()
            top = test.path_in_suite[0]
            if re.search(r"^\s*(//|#) RUN:", text, re.MULTILINE):
                yield test
            elif "int main(" not in text:
                continue
            elif top in PROGRAMS:
                for configuration in self.configurations("/".join(test.path_in_suite), text):
                    yield lit.Test.Test(suite, test.path_in_suite + (configuration,), local_config)
            elif top in UNITS:
                yield lit.Test.Test(suite, test.path_in_suite + ("unit",), local_config)

    def configurations(self, name, text):
        chosen = ["plugin"]
        if self.full or in_todays_quarter(name, 0):
            chosen.append("gxx")
        if self.full or in_todays_quarter(name, 1):
            chosen.append("clangxx")
        if self.full or in_todays_quarter(name, 2):
            chosen.append("sanitized")
        if "CASES" in text and (self.full or in_todays_quarter(name, 3)):
            chosen.append("forward")
        if self.full:
            chosen += ["O0", "O2", "O3"] + ["no-" + analysis for analysis in ANALYSES]
        limit, without = header_line(text, "MATRIX"), header_line(text, "WITHOUT") or []
        return [c for c in chosen if c not in without and
                (limit is None or c in limit or (c[0] in "On" and "plugin" in limit))]

    # -- running one

    def execute(self, test, lit_config):
        configuration = test.path_in_suite[-1]
        if configuration.endswith((".cpp", ".test")):
            return super().execute(test, lit_config)
        source = os.path.join(test.suite.source_root, *test.path_in_suite[:-1])
        output = os.path.join(test.suite.exec_root, *test.path_in_suite[:-1]) + "." + configuration
        os.makedirs(os.path.dirname(output), exist_ok=True)
        log = []
        for command in self.commands(source, output, configuration):
            out, err, code = lit.util.executeCommand(["timeout", "600"] + command, cwd=os.path.dirname(output),
                                                     env=self.environment(test))
            log.append("$ " + " ".join(command) + "\n" + out + err)
            if code != 0:
                return lit.Test.Result(lit.Test.FAIL, "\n".join(log) + f"exit code {code}\n")
        return lit.Test.Result(lit.Test.PASS, "\n".join(log))

    def environment(self, test):
        environment = dict(test.config.environment)
        environment["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
        environment["ASAN_OPTIONS"] = "detect_stack_use_after_return=1"
        environment["NABLA_DATA"] = os.environ.get("NABLA_DATA", "")
        return environment

    def commands(self, source, output, configuration):
        s = self.settings
        text = open(source, errors="replace").read()
        digest = int(hashlib.sha256(os.path.basename(source).encode()).hexdigest(), 16)
        flags = ["-std=" + STANDARDS[digest % 3], "-I" + os.path.join(self.root, "test"),
                 "-I" + os.path.dirname(source)] + (header_line(text, "FLAGS") or [])
        if configuration == "unit":
            return [["clang++-19"] + s.core.split() + flags[1:] + [source, s.core_library, "-o", output], [output]]
        if configuration in ("gxx", "clangxx"):
            return self.tool_commands(source, output, configuration, flags, text)
        options = {"forward": ["-O1", "-Wall", "-Wextra", "-Werror", "-DNABLA_TEST_FORWARD"],
                   "plugin": ["-O1", "-Wall", "-Wextra", "-Werror"],
                   "sanitized": ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]}
        if configuration.startswith("no-"):
            extra = ["-O1", "--" + configuration]
        else:
            extra = options.get(configuration, ["-" + configuration])
        return [[s.nablaxx] + flags + extra + [source, "-o", output], [output]]

    def tool_commands(self, source, output, configuration, flags, text):
        s = self.settings
        whole, declarations = output + ".nabla.cpp", output + ".nabla.h"
        commands, include = [], []
        if re.search(r"_(grad|pullback|pushforward|hvp)\(", text):  # the attribute form needs its companions declared
            commands.append([s.nabla, "--declarations", source, "-o", declarations, "--"] + flags)
            include = ["-include", declarations]
        commands.append([s.nabla, "--whole", source, "-o", whole, "--"] + flags)
        # Two of g++'s warnings are about the tests' own code: arrays filled under a condition, clang's pragmas.
        compiler = (["g++-12", "-Wno-maybe-uninitialized", "-Wno-unknown-pragmas"] if configuration == "gxx"
                    else ["clang++-19"])
        commands.append(compiler + flags + include + ["-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-I" + s.include, whole,
                                                       "-L" + s.library, "-lnabla", "-o", output])
        return commands + [[output]]
