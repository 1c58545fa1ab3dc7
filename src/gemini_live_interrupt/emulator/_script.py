"""A conversation as a TOML file: what the user says, and how the model replies. Errors name the file and the line."""

import dataclasses
import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from ._faults import Fault, find_faults
from ._profiles import find_profile
from ._scripted import Rule, ScriptedModel
from ._toml import Place, lines_of, syntax_error
from ._tools import ToolCall

SHIPPED = {path.stem: path for path in sorted(Path(__file__).with_name("scripts").glob("*.toml"))}
"""The scripts that come with the emulator, by name."""

_KEYS = ("about", "profile", "speed", "faults", "hear", "reply")
_REPLY_KEYS = ("contains", "matches", "noise", "say", "resume", "call", "args")
_CONDITIONS = ("contains", "matches", "noise")
_FAULT_KEYS = tuple(field.name for field in dataclasses.fields(Fault))
_BARE_NAME = re.compile(r"[\w-]+")

W = TypeVar("W")
F = TypeVar("F")


class ScriptError(ValueError):
    """A script that cannot be used. Its message is one line: the file, the line, and what was found there."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A conversation. Where the file names no profile, speed, faults or utterances they are `None` or empty."""

    about: str = ""
    profile: str | None = None
    speed: float | None = None
    faults: tuple[Fault, ...] = ()
    hear: tuple[str, ...] | None = None
    rules: tuple[Rule, ...] = ()

    def options(self) -> dict[str, Any]:
        """Return keyword arguments for `LiveEmulator`: the model, and what else the file names."""
        named = {"profile": self.profile, "speed": self.speed, "faults": self.faults or None, "hear": self.hear}
        given = {name: value for name, value in named.items() if value is not None}
        return given | {"model": ScriptedModel(self.rules)}


def load_script(path: str | PathLike[str]) -> Script:
    """Read a script: one that ships by its bare name ("story"), or a file.

    Raises ScriptError for what is wrong in it, naming the line, and for a name that none of those that ship has;
    OSError for a file that cannot be read.
    """
    if isinstance(path, str) and _BARE_NAME.fullmatch(path):
        if path not in SHIPPED:
            known = ", ".join(map(repr, SHIPPED))
            raise ScriptError(f"unknown script {path!r}; known are {known}, and the path of a file")
        path = SHIPPED[path]
    data = Path(path).read_bytes()
    try:
        source = data.decode().replace("\r\n", "\n")
        return _Reader(Path(path), source, tomllib.loads(source)).script()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ScriptError(f"{path}, line {line}: not UTF-8: byte 0x{data[error.start]:02x}") from None
    except tomllib.TOMLDecodeError as error:
        what, line = syntax_error(str(error), data)
        raise ScriptError(f"{path}, line {line}: {what}") from None


class _Reader:
    """Checks the values of one file, and makes a script of them."""

    def __init__(self, path: Path, source: str, values: dict[str, Any]) -> None:
        self._path = path
        self._lines = lines_of(source)
        self._values = values

    def script(self) -> Script:
        values = self._values
        self._check_keys(values, _KEYS)
        return Script(
            about=self._text(("about",), values.get("about", "")),
            profile=self._profile(values.get("profile")),
            speed=self._speed(values.get("speed")),
            faults=self._faults(values.get("faults", [])),
            hear=self._hear(values.get("hear")),
            rules=self._rules(values.get("reply", [])),
        )

    def _profile(self, value: object) -> str | None:
        if value is None:
            return None
        name = self._text(("profile",), value)
        self._found(("profile",), find_profile, name)
        return name

    def _speed(self, value: object) -> float | None:
        if value is None:
            return None
        if not _is_number(value) or not 0 < value < math.inf:
            raise self._wrong(("speed",), f"speed must be a positive number; got {value!r}")
        return float(value)

    def _hear(self, value: object) -> tuple[str, ...] | None:
        if value is None:
            return None
        if not isinstance(value, list):
            raise self._wrong(("hear",), f"hear must be a list of utterances; got {value!r}")
        return tuple(_one_line(self._text(("hear", number), item)) for number, item in enumerate(value))

    def _faults(self, value: object) -> tuple[Fault, ...]:
        if not isinstance(value, list):
            raise self._wrong(("faults",), f"faults must be a list; got {value!r}")
        return tuple(self._fault(("faults", number), item) for number, item in enumerate(value))

    def _fault(self, place: Place, value: object) -> Fault:
        if not isinstance(value, Mapping):
            return self._found(place, find_faults, [self._text(place, value)])[0]
        self._check_keys(value, _FAULT_KEYS, place)
        name = self._text((*place, "name"), value.get("name"))
        (fault,) = self._found(place, find_faults, [name])
        settings: dict[str, Any] = {}
        for key in sorted(value.keys() - {"name"}):
            settings[key] = self._setting(place, fault, key, value[key])
        return self._found(place, find_faults, [dataclasses.replace(fault, **settings)])[0]

    def _setting(self, place: Place, fault: Fault, key: str, value: object) -> Any:
        if key == "on":
            return self._text((*place, key), value)
        if key == "nth" and value == "every":
            return None
        whole = key == "nth" or isinstance(getattr(fault, key), int)
        if (
            not _is_number(value)
            or (whole and not (isinstance(value, int) and value >= 1))
            or not 0 <= value < math.inf
        ):
            wanted = "a whole number from 1 on" if whole else "a number that is not negative"
            raise self._wrong(place, f"{key} of the fault {fault.name!r} must be {wanted}; got {value!r}")
        return value

    def _rules(self, value: object) -> tuple[Rule, ...]:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._wrong(("reply",), f"write each reply as a table of its own, [[reply]]; got {value!r}")
        if not value:
            raise self._wrong((), "the model has nothing to say: there is no [[reply]]")
        rules: list[Rule] = []
        for number, item in enumerate(value):
            for before, rule in enumerate(rules):
                if rule.for_everything:
                    line = self._line(("reply", before))
                    raise self._wrong(("reply", number), f"never given: the reply in line {line} is for everything")
            rules.append(self._rule(("reply", number), item))
        return tuple(rules)

    def _rule(self, place: Place, item: dict[str, Any]) -> Rule:
        self._check_keys(item, _REPLY_KEYS, place)
        conditions = [key for key in _CONDITIONS if key in item]
        if len(conditions) > 1:
            raise self._wrong(
                (*place, conditions[1]), f"a reply has one condition; this has {' and '.join(conditions)}"
            )
        for key in ("noise", "resume"):
            if item.get(key, True) is not True:
                raise self._wrong((*place, key), f"{key} must be true, or left out; got {item[key]!r}")
        for key in ("contains", "matches", "say", "call"):
            if key in item and not self._text((*place, key), item[key]).strip():
                raise self._wrong((*place, key), f"{key} is empty")
        if not item.keys() & {"say", "resume", "call"}:
            raise self._wrong(place, "this reply has nothing to say: it needs say, resume or call")
        return Rule(
            contains=_one_line(item.get("contains", "")),
            matches=self._pattern((*place, "matches"), item.get("matches")),
            noise="noise" in item,
            say=_one_line(item.get("say", "")),
            resume="resume" in item,
            call=self._call(place, item),
        )

    def _call(self, place: Place, item: dict[str, Any]) -> ToolCall | None:
        args = item.get("args", {})
        if not isinstance(args, dict) or (args and "call" not in item):
            raise self._wrong((*place, "args"), f"args must be a table, of a reply with a call; got {args!r}")
        return ToolCall(item["call"], args) if "call" in item else None

    def _pattern(self, place: Place, value: str | None) -> re.Pattern[str] | None:
        try:
            return None if value is None else re.compile(value, re.IGNORECASE)
        except re.error as error:
            raise self._wrong(place, f"matches is no regular expression: {error}; got {value!r}") from None

    def _text(self, place: Place, value: object) -> str:
        if isinstance(value, str):
            return value
        name = f"item {place[-1] + 1} of {place[-2]}" if isinstance(place[-1], int) else place[-1]
        if value is None:
            raise self._wrong(place, f"{name} is missing")
        raise self._wrong(place, f"{name} must be text in quotation marks; got {value!r}")

    def _found(self, place: Place, find: Callable[[W], F], what: W) -> F:
        try:
            return find(what)
        except ValueError as error:
            raise self._wrong(place, str(error)) from None

    def _check_keys(self, table: Mapping[str, Any], known: Iterable[str], place: Place = ()) -> None:
        for key in table:
            if key not in known:
                alike = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {alike[0]!r}?" if alike else f"known are {', '.join(map(repr, known))}"
                raise self._wrong((*place, key), f"unknown key {key!r}; {hint}")

    def _line(self, place: Place) -> int:
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)

    def _wrong(self, place: Place, what: str) -> ScriptError:
        return ScriptError(f"{self._path}, line {self._line(place)}: {what}")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _one_line(text: str) -> str:
    return " ".join(text.split())
