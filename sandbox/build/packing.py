"""A build that leaves a folder leaves one zip file: what was built is one file, whatever the language.

It is packed inside the build's jail, by the candidate's own user; the server never reads what is in it.
"""

from __future__ import annotations

FOLDER = "/box/tmp/built"
_PYTHON = "/usr/local/bin/python3"
# Times are fixed, so that equal classes are equal files. Stored, not compressed: it is read once for each test.
_PACK = """
import os, subprocess, sys, zipfile
folder, output, *command = sys.argv[1:]
os.mkdir(folder)
code = subprocess.call(command)
if code == 0:
    with zipfile.ZipFile(output, "w") as made:
        for place, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(place, name)
                with open(path, "rb") as file:
                    made.writestr(zipfile.ZipInfo(os.path.relpath(path, folder)), file.read())
os._exit(code if 0 <= code < 128 else 1)
"""


def packing(command: tuple[str, ...], folder: str, output: str) -> tuple[str, ...]:
    """The command that runs `command`, which fills `folder`, and packs the folder into `output`."""
    return (_PYTHON, "-I", "-S", "-c", _PACK, folder, output, *command)
