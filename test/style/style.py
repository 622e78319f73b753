"""What a compiler does not check. Usage: style.py layering | length | diagnostics | language | vocabulary"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Who may include whom: a file of the room on the left may include headers of the rooms on the right.
ROOMS = {
    "lib/ir": {"ir", "nabla"},
    "lib/analysis": {"ir", "analysis"},
    "lib/diff": {"ir", "analysis", "diff"},
    "lib/emit": {"ir", "emit"},
    "lib/import": {"ir", "import"},
    "lib": {"ir", "analysis", "diff", "emit", "pipeline"},
    "runtime/nabla": {"nabla"},
    "runtime/src": {"nabla"},
}
CLANG_ROOMS = {"lib/import", "tool"}
MAX_LINES = 600


def sources(*folders):
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".h", ".cpp", ".hpp", ".inc", ".def"} and file.is_file():
                yield file


def name(file):
    return file.relative_to(ROOT).as_posix()


def room(file):
    return file.parent.relative_to(ROOT).as_posix()


def layering():
    for file in sources("lib", "runtime"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            include = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
            if not include:
                continue
            path = include.group(1)
            first = path.split("/")[0] if "/" in path else None
            if first in {"clang", "llvm", "llvm-c", "clang-c"} and room(file) not in CLANG_ROOMS:
                yield f"{name(file)}:{number}: includes {path}; Clang belongs to lib/import and tool"
            known = {"ir", "analysis", "diff", "emit", "import", "nabla", "pipeline", "tool"}
            if path == "pipeline.h":
                first = "pipeline"
            if first in known and first not in ROOMS.get(room(file), known):
                yield f"{name(file)}:{number}: a file of {room(file)} may not include {path}"


def length():
    for file in sources("lib", "runtime", "tool", "test"):
        count = len(file.read_text(errors="replace").splitlines())
        if count > MAX_LINES:
            yield f"{name(file)}: {count} lines, at most {MAX_LINES}"


def rows():
    text = (ROOT / "lib/ir/diagnostics.def").read_text()
    text = re.sub(r"^//.*$", "", text, flags=re.M)
    pattern = r'NABLA_DIAG\(\s*(\w+)\s*,\s*(\d+)\s*,\s*((?:"(?:[^"\\]|\\.)*"\s*)+),'
    for identifier, number, message in re.findall(pattern, text):
        yield identifier, int(number), "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', message))


def diagnostics():
    documented = (ROOT / "docs/diagnostics.md").read_text()
    tests = "\n".join(f.read_text() for f in (ROOT / "test").rglob("*") if f.suffix in {".cpp", ".test"})
    seen = {}
    for identifier, number, message in rows():
        if number in seen:
            yield f"N{number} is both {seen[number]} and {identifier}"
        seen[number] = identifier
        entry = re.search(rf"^\| N{number} \| (.*?) \|", documented, re.M)
        shown = re.sub(r"\{\d\}", "...", message)
        if not entry:
            yield f"N{number} ({identifier}) is missing from docs/diagnostics.md: | N{number} | {shown} | ... |"
        elif entry.group(1) != shown:
            yield f"N{number}: docs/diagnostics.md says '{entry.group(1)}', diagnostics.def '{shown}'"
        if f"N{number}" not in tests:
            yield f"N{number} ({identifier}) has no test in test/error (its first comment names the number)"
    for number in map(int, re.findall(r"^\| N(\d+) \|", documented, re.M)):
        if number not in seen and number < 900:
            yield f"docs/diagnostics.md lists N{number}, which does not exist"


def language():
    """Each row of docs/language.md is drawn by the fuzzer, or says which test holds it."""
    text = (ROOT / "docs/language.md").read_text()
    documented = dict(re.findall(r"^\| `([a-z0-9_.]+)` \|.*\| *(.*?) *\|$", text, re.M))
    fuzzed = set()
    for file in sources("test/fuzz"):
        fuzzed |= set(re.findall(r'^ROW\("([a-z0-9_.]+)"', file.read_text(), re.M))
    for row in sorted(fuzzed - set(documented)):
        yield f"the fuzzer's row {row} is missing from docs/language.md"
    for row, where in sorted(documented.items()):
        if row not in fuzzed and not (ROOT / "test" / where.strip("`")).exists():
            yield f"docs/language.md: {row} is neither drawn by the fuzzer nor held by a test"


def vocabulary():
    """No path of a machine, and none of the words that the vocabulary replaces."""
    for file in sources("lib", "runtime", "tool"):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if re.search(r"/(home|root|work|Users)/", line):
                yield f"{name(file)}:{number}: a path of one machine"
            if re.search(r"\b(cotangent|seedling|tripcount|trip_cnt)\b", line):
                yield f"{name(file)}:{number}: not in the vocabulary of docs/contributing.md"


def main():
    checks = {f.__name__: f for f in (layering, length, diagnostics, language, vocabulary)}
    problems = [line for check in sys.argv[1:] for line in checks[check]()]
    print("\n".join(problems) or "fine")
    return bool(problems)


sys.exit(main())
