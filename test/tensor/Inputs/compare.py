"""compare.py OUTPUT REFERENCE [ALLOWED]: the VAL, GRAPH and ERR lines of a program against libtorch's.

Numbers agree to 1e-6 relative (to the largest of the line), everything else exactly; the overload number of scalar arithmetic
(AddBackward1 in libtorch's C++) does not count. ALLOWED lists lines of the reference which differ on purpose, each with its
reason:  label | reason."""
import difflib
import re
import sys


def lines(file):
    text = open(file).read().splitlines()
    return [re.sub(r"\b(Add|Sub|Mul|Div)Backward1\b", r"\1Backward0", s) for s in text if re.match("VAL|GRAPH|ERR", s)]


def numbers(text):
    try:
        return [float(s) for s in text.split()]
    except ValueError:
        return None


def equal(a, b):
    if a == b:
        return True
    if not (a.startswith("VAL") and b.startswith("VAL")) or a.count(" :") != 1 or b.count(" :") != 1:
        return False
    (head, x), (other, y) = a.split(" :"), b.split(" :")
    x, y = numbers(x), numbers(y)
    if head != other or x is None or y is None or len(x) != len(y):
        return False
    scale = max([abs(v) for v in y if abs(v) < 1e300] or [0])
    return all(u == v or (u != u and v != v) or abs(u - v) <= 1e-6 * scale for u, v in zip(x, y))


def label(line):
    return re.split(r" : | (?:float|double|int|long int|bool) \[", line)[0].split(" ", 1)[1]


def main():
    mine, theirs = lines(sys.argv[1]), lines(sys.argv[2])
    allowed = {}
    if len(sys.argv) > 3:
        for line in open(sys.argv[3]):
            if "|" in line and not line.startswith("#"):
                name, reason = line.split("|", 1)
                allowed[name.strip()] = reason.strip()
    problems, used = [], set()

    def differs(line):
        name = label(line[2:])
        if name in allowed:
            used.add(name)
        else:
            problems.append(line)

    # Align by label, then compare.
    matcher = difflib.SequenceMatcher(None, [label(s) for s in mine], [label(s) for s in theirs], autojunk=False)
    equals = 0
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            for x, y in zip(mine[a:b], theirs[c:d]):
                if equal(x, y):
                    equals += 1
                else:
                    differs("< " + x)
                    differs("> " + y)
        else:
            for x in mine[a:b]:
                differs("< " + x)
            for y in theirs[c:d]:
                differs("> " + y)
    for name in sorted(set(allowed) - used):
        problems.append(f"'{name}' is listed as different but is not")
    print(f"{equals} of {len(theirs)} lines equal, {len(used)} listed as different")
    print("\n".join(problems))
    return bool(problems)


sys.exit(main())
