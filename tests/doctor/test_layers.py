"""Who wraps `AsyncSession._receive`: layers of all kinds, each by its own name."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import wrapt
from google.genai import live

from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume
from gemini_live_interrupt._patch import receive_of
from gemini_live_interrupt.doctor._layers import Layer, check_layers, find_layers

HERE = __name__
Wrap = Callable[[Any], Any]


async def spy(wrapped: Any, session: Any, args: Any, kwargs: Any) -> Any:
    return await wrapped(*args, **kwargs)


class Tracer:
    def __call__(self, wrapped: Any, session: Any, args: Any, kwargs: Any) -> Any:
        return wrapped(*args, **kwargs)

    def trace(self, wrapped: Any, session: Any, args: Any, kwargs: Any) -> Any:
        return wrapped(*args, **kwargs)


def by_wrapt(found: Any) -> Any:
    return wrapt.FunctionWrapper(found, spy)


def by_wrapt_with_an_object(found: Any) -> Any:
    return wrapt.FunctionWrapper(found, Tracer())


def by_wrapt_with_a_method(found: Any) -> Any:
    return wrapt.FunctionWrapper(found, Tracer().trace)


def by_wrapt_with_a_partial(found: Any) -> Any:
    return wrapt.FunctionWrapper(found, functools.partial(spy))


def by_functools(found: Any) -> Any:
    @functools.wraps(found)
    async def traced(self: Any) -> Any:
        return await found(self)

    return traced


def in_a_closure(found: Any) -> Any:
    async def closed(self: Any) -> Any:
        return await found(self)

    return closed


def in_a_default(found: Any) -> Any:
    async def with_default(self: Any, original: Any = found) -> Any:
        return await original(self)

    return with_default


def in_a_keyword_default(found: Any) -> Any:
    async def with_keyword(self: Any, *, original: Any = found) -> Any:
        return await original(self)

    return with_keyword


def in_a_global(found: Any) -> Any:
    """A module of an app that keeps the original under a name of its own."""
    module = types.ModuleType("an_app.patches")
    vars(module).update(original=found, unrelated=spy)
    code = "async def patched(self):\n    unrelated\n    return await original(self)\n"
    exec(compile(code, "patches.py", "exec"), vars(module))
    return module.patched


class Held:
    def __init__(self, found: Any) -> None:
        self.unrelated = 3
        self.original = found

    async def __call__(self, session: Any) -> Any:
        return await self.original(session)


def hidden(found: Any) -> Any:
    kept = {"original": found}

    async def secretive(self: Any) -> Any:
        return await kept["original"](self)

    return secretive


def with_an_empty_cell(found: Any) -> Any:
    async def early(self: Any) -> Any:
        return await (found if self else later)(self)

    if found is None:
        later: Any = spy
    return early


NAMES: dict[Wrap, tuple[str, str]] = {
    by_wrapt: (f"{HERE}.spy", "wrapt"),
    by_wrapt_with_an_object: (f"{HERE}.Tracer", "wrapt"),
    by_wrapt_with_a_method: (f"{HERE}.Tracer.trace", "wrapt"),
    by_wrapt_with_a_partial: (f"{HERE}.spy", "wrapt"),
    by_functools: (f"{HERE}.by_functools.<locals>.traced", "functools.wraps"),
    in_a_closure: (f"{HERE}.in_a_closure.<locals>.closed", "function"),
    in_a_default: (f"{HERE}.in_a_default.<locals>.with_default", "function"),
    in_a_keyword_default: (f"{HERE}.in_a_keyword_default.<locals>.with_keyword", "function"),
    in_a_global: ("an_app.patches.patched", "function"),
    with_an_empty_cell: (f"{HERE}.with_an_empty_cell.<locals>.early", "function"),
    Held: (f"{HERE}.Held", "object"),
}


@pytest.fixture
def wrap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Wrap], None]]:
    def put_on(layer: Wrap) -> None:
        monkeypatch.setattr(live.AsyncSession, "_receive", layer(vars(live.AsyncSession)["_receive"]))

    yield put_on
    monkeypatch.undo()


def layers() -> list[Layer]:
    return find_layers(receive_of(live.AsyncSession))


def named() -> list[tuple[str, str]]:
    return [(layer.name, layer.kind) for layer in layers()]


def test_the_sdk_alone_has_none() -> None:
    assert layers() == []
    (finding,) = check_layers(live.AsyncSession, [], imported=False)
    assert finding.level == "ok"
    assert "--import MODULE" in finding.found
    (finding,) = check_layers(live.AsyncSession, [], imported=True)
    assert finding.found == "Nobody wraps AsyncSession._receive."


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: kind.__name__)
def test_each_kind_is_named_by_its_own_code_also_below_and_above_others(
    kind: Wrap, wrap: Callable[[Wrap], None]
) -> None:
    wrap(kind)
    (layer,) = layers()
    assert (layer.name, layer.kind) == NAMES[kind]
    assert layer.shows
    wrap(by_functools)
    wrap(in_a_closure)
    wrap(kind)
    assert named() == [NAMES[kind], NAMES[in_a_closure], NAMES[by_functools], NAMES[kind]]
    assert {finding.level for finding in check_layers(live.AsyncSession, layers(), imported=False)} == {"ok"}


def test_functions_are_told_with_file_and_line(wrap: Callable[[Wrap], None]) -> None:
    wrap(by_wrapt)
    wrap(by_wrapt_with_an_object)
    above, below = check_layers(live.AsyncSession, layers(), imported=True)
    assert below.found == f"2. {HERE}.spy (wrapt), {__file__}:{spy.__code__.co_firstlineno}"
    assert above.found == f"1. {HERE}.Tracer (wrapt)"


def test_this_library_is_told_from_the_others(wrap: Callable[[Wrap], None]) -> None:
    wrap(by_wrapt)
    enable_interrupt_resume()
    wrap(by_wrapt_with_an_object)
    try:
        assert [layer.kind for layer in layers()] == ["wrapt", "this library", "wrapt"]
    finally:
        live.AsyncSession._receive = vars(live.AsyncSession)["_receive"].__wrapped__  # type: ignore[method-assign]
        disable_interrupt_resume()


def test_a_layer_that_was_wrapped_on_access_is_named_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = by_wrapt(by_wrapt_with_an_object(vars(live.AsyncSession)["_receive"])).__get__(None, live.AsyncSession)
    monkeypatch.setattr(live.AsyncSession, "_receive", bound)
    assert named() == [NAMES[by_wrapt], NAMES[by_wrapt_with_an_object]]


def test_one_that_hides_what_it_wraps_is_said_to(wrap: Callable[[Wrap], None]) -> None:
    wrap(by_functools)
    wrap(hidden)
    wrap(by_wrapt)
    assert named() == [NAMES[by_wrapt], (f"{HERE}.hidden.<locals>.secretive", "function")]
    above, below = check_layers(live.AsyncSession, layers(), imported=False)
    assert (above.level, below.level) == ("ok", "hint")
    assert "does not show" in below.why
    assert below.do


def test_so_is_an_object(wrap: Callable[[Wrap], None]) -> None:
    class Opaque:
        def __init__(self, found: Any) -> None:
            self.kept = [found]

        async def __call__(self, session: Any) -> Any:
            return await self.kept[0](session)

    wrap(Opaque)
    (layer,) = layers()
    assert layer.name.endswith("<locals>.Opaque")
    assert not layer.shows


def test_a_ring_and_a_foreign_class_do_not_hold_it_up() -> None:
    async def ring(self: Any) -> None: ...

    vars(ring)["__wrapped__"] = ring
    (layer,) = find_layers(ring)
    assert not layer.shows

    class Replaced:
        _receive = ring

    finding, _ = check_layers(Replaced, find_layers(receive_of(Replaced)), imported=False)
    assert finding.level == "hint"
    assert finding.found.endswith("Replaced, not the SDK's own class.")
    assert HERE in finding.found


@pytest.mark.parametrize("session_class", [None, 3, object, functools.partial(live.AsyncSession)])
def test_what_is_no_session_class_has_no_layers(session_class: Any) -> None:
    assert find_layers(receive_of(session_class)) == []
    finding, _ = check_layers(session_class, [], imported=False)
    assert "not the SDK's own class" in finding.found
