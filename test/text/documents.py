"""Are the emitted texts that the documents show what the tool emits? Usage: documents.py NABLA [--update]

A marker `<!-- emitted: NAME from FILE -->` stands before a block of C++ that is the generated function NAME. FILE lies beside
the document; `user.cpp` is the document's first block that includes nabla.h.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ["README.md", "docs/guide.md", "docs/second_order.md", "docs/tensors.md", "docs/examples/old_faithful/README.md"]
MARKER = re.compile(r"<!-- emitted: (\w+) from (\S+) -->\n(?:```cpp\n(.*?)```\n)?", re.S)


def emitted(nabla, document, name, file):
    with tempfile.TemporaryDirectory() as folder:
        source = document.parent / file
        if file == "user.cpp":
            source = Path(folder) / file
            blocks = re.findall(r"```cpp\n(.*?)```", document.read_text(), re.S)
            source.write_text(next(b for b in blocks if "#include <nabla/nabla.h>" in b))
        output = Path(folder) / "out.cpp"
        subprocess.run([nabla, source, "-o", output, "--", "-std=c++17"], check=True)
        text = output.read_text()
    found = re.search(rf"^// [^\n]*\n[^\n]*\b{name}\(.*?^}}\n", text, re.M | re.S)
    return found.group(0) if found else f"{name} is not in the output\n"


def main():
    nabla, update = sys.argv[1], "--update" in sys.argv
    failed = False
    for document in (ROOT / d for d in DOCUMENTS):
        before = document.read_text()
        after = MARKER.sub(
            lambda m: f"<!-- emitted: {m[1]} from {m[2]} -->\n```cpp\n{emitted(nabla, document, m[1], m[2])}```\n", before)
        if after != before and update:
            document.write_text(after)
        elif after != before:
            failed = True
            print(f"{document.relative_to(ROOT)} shows another text than the tool emits; run documents.py NABLA --update")
    return failed


sys.exit(main())
