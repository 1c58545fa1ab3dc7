"""Who imports whom: the emulator is a product of its own."""

import ast
import subprocess
import sys
from pathlib import Path

import gemini_live_interrupt.emulator

FOLDER = Path(gemini_live_interrupt.emulator.__file__).parent


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_library_does_not_import_the_emulator() -> None:
    assert run("import gemini_live_interrupt, sys; print([m for m in sys.modules if 'emulator' in m])") == "[]\n"


def test_the_emulator_imports_neither_the_sdk_nor_the_library() -> None:
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 1 or not (node.module or "").startswith(("google", "gemini_live_interrupt")), path
                assert node.level < 2, path
            if isinstance(node, ast.Import):
                assert not any(name.name.startswith(("google", "gemini_live_interrupt")) for name in node.names), path


def test_without_its_extra_it_says_what_to_install() -> None:
    complaint = run("import sys; sys.modules['trustme'] = None; import gemini_live_interrupt.emulator")
    assert 'python -m pip install "gemini-live-interrupt[emulator]"' in complaint
