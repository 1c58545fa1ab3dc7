"""Who wraps `AsyncSession._receive`: each layer by its own name, the outermost first.

wrapt and `functools.wraps` show what they wrap. A plain function that was put in the method's place keeps it somewhere:
in its closure, its defaults, a global of its module, or an attribute; it is looked for there.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, Literal

from ._finding import Finding, Level

Kind = Literal["this library", "wrapt", "functools.wraps", "function", "object"]

MOST = 1000
"""Functions that are looked into: the globals of an app may lead anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One wrapper."""

    name: str
    """Module and name of the function that does the wrapper's work, or of its class."""
    kind: Kind
    place: str | None
    """File and line, if it is a function."""
    shows: bool
    """Whether it could be seen what it wraps."""


def find_layers(found: Any) -> list[Layer]:
    """Return the layers on the SDK's own `_receive`, as far as they can be seen; `found` is what the class holds."""
    if found is None:
        return []
    way = _way_in(found, set())
    layers = [layer for layer in way if not _is_the_sdks(layer)]
    return [_describe(layer, shows=number < len(way)) for number, layer in enumerate(layers, 1)]


def check_layers(session_class: object, layers: list[Layer], *, imported: bool) -> list[Finding]:
    """Say who is there. That others are is no fault; `imported` tells whether the app could bring its own."""
    findings = []
    if getattr(session_class, "__module__", None) != "google.genai.live":
        name = getattr(session_class, "__qualname__", type(session_class).__qualname__)
        told = f"AsyncSession is {getattr(session_class, '__module__', 'builtins')}.{name}, not the SDK's own class."
        findings.append(_finding("hint", "AsyncSession", told))
    for number, layer in enumerate(layers, 1):
        told = f"{number}. {layer.name} ({layer.kind})" + (f", {layer.place}" if layer.place else "")
        findings.append(_finding("ok", layer.name, told) if layer.shows else _hidden(told, layer))
    if not layers:
        more = "" if imported else " --import MODULE looks again once your app has been imported."
        findings.append(_finding("ok", "AsyncSession._receive", f"Nobody wraps AsyncSession._receive.{more}"))
    return findings


def _hidden(told: str, layer: Layer) -> Finding:
    why = "It does not show what it wraps: whether it reads through the SDK, and who is below it, cannot be seen."
    do = "If the session on the emulator does not get its note, leave this one out and try again."
    return _finding("hint", layer.name, told, why, do)


def _finding(level: Level, about: str, found: str, why: str = "", do: str = "") -> Finding:
    return Finding(check="layers", level=level, about=about, found=found, why=why, do=do)


def _is_the_sdks(layer: Any) -> bool:
    return (
        type(layer) is FunctionType
        and layer.__globals__.get("__name__") == "google.genai.live"
        and layer.__code__.co_name == "_receive"
    )


def _way_in(layer: Any, seen: set[int]) -> list[Any]:
    """Return what is passed from `layer` inwards; the SDK's own is the last if the way leads there."""
    if id(layer) in seen or len(seen) >= MOST:  # a ring, or a maze
        return []
    seen.add(id(layer))
    if _is_the_sdks(layer):
        return [layer]
    if (wrapped := _own(layer, "__wrapped__")) is not None:
        return [layer, *_way_in(wrapped, seen)]
    for held in _held(layer):
        if _reads(held):
            way = _way_in(held, seen)
            if way and _is_the_sdks(way[-1]):
                return [layer, *way]
    return [layer]


def _own(layer: Any, name: str) -> Any:
    """Return an attribute of the layer itself: a proxy would answer with that of what it wraps."""
    try:
        return object.__getattribute__(layer, name)
    except AttributeError:
        return None


def _held(layer: Any) -> Iterator[Any]:
    """Yield what a layer keeps: a plain function in its closure, its defaults, or a global that it names."""
    if type(layer) is not FunctionType:
        yield from getattr(layer, "__dict__", {}).values()
        return
    for cell in layer.__closure__ or ():
        with contextlib.suppress(ValueError):  # nothing is in it yet
            yield cell.cell_contents
    yield from layer.__defaults__ or ()
    yield from (layer.__kwdefaults__ or {}).values()
    for name in layer.__code__.co_names:
        yield layer.__globals__.get(name)


def _reads(held: Any) -> bool:
    """Whether it can be awaited for a message."""
    return inspect.iscoroutinefunction(held) or (callable(held) and inspect.iscoroutinefunction(type(held).__call__))


def _describe(layer: Any, *, shows: bool) -> Layer:
    """Name a layer by its own code: one that wraps well looks like what it wraps."""
    by_wrapt = (wrapper := _own(layer, "_self_wrapper")) is not None
    worker = wrapper if by_wrapt else layer
    while isinstance(worker, functools.partial):
        worker = worker.func
    if isinstance(worker, MethodType):
        worker = worker.__func__
    if type(worker) is not FunctionType:
        kind: Kind = "wrapt" if by_wrapt else "object"
        return Layer(name=f"{type(worker).__module__}.{type(worker).__qualname__}", kind=kind, place=None, shows=shows)
    module, code = worker.__globals__.get("__name__"), worker.__code__
    if module == "gemini_live_interrupt._patch":
        kind = "this library"
    elif by_wrapt:
        kind = "wrapt"
    else:
        kind = "functools.wraps" if hasattr(worker, "__wrapped__") else "function"
    place = f"{code.co_filename}:{code.co_firstlineno}"
    return Layer(name=f"{module}.{code.co_qualname}", kind=kind, place=place, shows=shows)
