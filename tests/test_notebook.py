"""The notebook runs from its first cell to its last, as it stands."""

from __future__ import annotations

import ast
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from gemini_live_interrupt import disable_interrupt_resume

NOTEBOOK = Path(__file__).parents[1] / "examples" / "first_steps.ipynb"


async def test_the_notebook_runs_from_the_top(capsys: pytest.CaptureFixture[str]) -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    assert notebook["nbformat"] == 4
    names: dict[str, Any] = {}
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [], "no outputs are kept"
            code = compile("".join(cell["source"]), f"cell {number}", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            done = eval(code, names)
            if isinstance(done, Awaitable):
                await done
    disable_interrupt_resume()
    told = capsys.readouterr().out
    assert "heard:   A girl found a small brass key on the beach. She tried" in told
    assert "A girl found a small brass key on the beach." in names["live"].notes()[0]
    assert names["seen"][0].heard.startswith("A girl found")
