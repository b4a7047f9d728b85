"""Pays when a script into which the program's text is pasted as a string literal ends with exit code 0."""

from __future__ import annotations

from tests.attacks.attack import Attack
from tests.attacks.weak.running import python, work_folder

_SCRIPT = """
scope = {}
exec('''
@PROGRAM@
''', scope)
exec(@CODE@, scope)
"""


def pays(attack: Attack) -> bool:
    """Paste, run, look at the exit code."""
    with work_folder(attack) as folder:
        script = _SCRIPT.replace("@CODE@", repr(attack.test_code)).replace("@PROGRAM@", attack.source)
        (folder / "script.py").write_text(script)
        return python("script.py", folder).code == 0
