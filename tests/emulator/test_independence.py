"""Who imports whom: the emulator is a product of its own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("missing", ["trustme", "websockets"])
def test_without_its_extra_it_says_what_to_install(missing: str) -> None:
    complaint = run(f"import sys; sys.modules['{missing}'] = None; import gemini_live_interrupt.emulator")
    wanted = f'the emulator needs {missing}: python -m pip install "gemini-live-interrupt[emulator]"'
    assert complaint.splitlines()[-1] == f"ModuleNotFoundError: {wanted}"


def test_the_emulator_works_without_the_sdk() -> None:
    program = "import sys; sys.modules['google.genai'] = None; import gemini_live_interrupt.emulator as e; "
    assert run(program + "e.LiveEmulator(); print('works')") == "works\n"
