"""The pytest fixture `live_emulator`: a Live API for the length of a test, to which an unchanged app connects.

Opt in with `pytest_plugins = ["gemini_live_interrupt.emulator.pytest_plugin"]` in your top-level `conftest.py`.
"""

import inspect
from collections.abc import Iterator, Mapping
from os import PathLike
from typing import Any

import pytest

from ._background import BackgroundEmulator
from ._script import ScriptError, load_script
from ._server import LiveEmulator

__all__ = ["BackgroundEmulator", "live_emulator"]

_MARKER = "live_emulator"
_OPTIONS = (*(name for name in inspect.signature(LiveEmulator).parameters), "script", "environ", "virtual")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers", f"{_MARKER}(**options): how the fixture live_emulator is to be: {', '.join(_OPTIONS)}"
    )


@pytest.fixture
def live_emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[BackgroundEmulator]:
    """A Live API on this machine; the environment points to it, so that clients made in the test connect to it.

    Options come from `@pytest.mark.live_emulator(...)`, at the test, its class or its module, the nearest first, and
    from indirect parametrization with a profile's name or a dictionary. They are those of `LiveEmulator`; `script`, the
    name of one that ships or a file beside the test; `virtual=True`, for an app that is started with
    `live_emulator.run(...)` and need not take the time that it takes; and `environ=False`, which leaves the environment
    alone.
    """
    options = _options(request)
    points_here = options.pop("environ", True)
    with BackgroundEmulator(**options) as live:
        if points_here:
            for name, value in live.environ().items():
                monkeypatch.setenv(name, value)
        yield live
        request.node.add_report_section("teardown", "live emulator", "\n".join(live.story))


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        if marker.args:
            pytest.fail(f"the marker {_MARKER} takes keyword arguments only; got {marker.args!r}", pytrace=False)
        options |= marker.kwargs
    parameter = getattr(request, "param", {})
    options |= parameter if isinstance(parameter, Mapping) else {"profile": parameter}
    for name in options:
        if name not in _OPTIONS:
            pytest.fail(f"{_MARKER} has no option {name!r}; it has {', '.join(_OPTIONS)}", pytrace=False)
    if (script := options.pop("script", None)) is not None:
        options = _script(request, script) | options
    return options


def _script(request: pytest.FixtureRequest, script: str | PathLike[str]) -> dict[str, Any]:
    """Load one that ships, by its bare name, or a file, from the folder of the test."""
    beside = request.path.parent / script
    try:
        return load_script(beside if beside.suffix else script).options()
    except (OSError, ScriptError) as error:
        pytest.fail(str(error), pytrace=False)
