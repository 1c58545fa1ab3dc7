"""A conversation as a TOML file: what the user says, and how the model replies. Errors name the file and the line."""

import dataclasses
import difflib
import re
import tomllib
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from ._faults import Fault, find_faults
from ._profiles import find_profile
from ._scripted import Rule, ScriptedModel
from ._toml import Place, lines_of, syntax_error
from ._tools import ToolCall

SHIPPED = {path.stem: path for path in sorted(Path(__file__).with_name("scripts").glob("*.toml"))}
"""The scripts that come with the emulator, by name."""

_BARE_NAME = re.compile(r"[\w-]+")


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
        values = tomllib.loads(source)
        script = _File.model_validate(values).script()
        if not script.rules:
            raise ScriptError(f"{path}, line 1: the model has nothing to say: there is no [[reply]]")
        if (never := _never_given(script.rules)) is not None:
            line, before = (_line(lines_of(source), ("reply", number)) for number in never)
            raise ScriptError(f"{path}, line {line}: never given: the reply in line {before} is for everything")
        return script
    except ValidationError as error:
        lines = lines_of(source)
        line, what = min((_line(lines, each["loc"]), _in_words(each)) for each in error.errors(include_url=False))
        raise ScriptError(f"{path}, line {line}: {what}") from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ScriptError(f"{path}, line {line}: not UTF-8: byte 0x{data[error.start]:02x}") from None
    except tomllib.TOMLDecodeError as error:
        what, line = syntax_error(str(error), data)
        raise ScriptError(f"{path}, line {line}: {what}") from None


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _regular_expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return text


def _known_profile(name: str) -> str:
    find_profile(name)
    return name


def _table_of(fault: object) -> object:
    return {"name": fault} if isinstance(fault, str) else fault


def _every(number: object) -> object:
    return None if number == "every" else number


_OneLine = Annotated[str, AfterValidator(_one_line)]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_one_line)]
_NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _FaultTable(_Table):
    name: str
    on: str | None = None
    nth: Annotated[int | None, Field(ge=1), BeforeValidator(_every)] = None
    chance: _NotNegative | None = None
    seconds: _NotNegative | None = None
    lasts: _NotNegative | None = None
    count: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def check(self) -> Self:
        self.fault()
        return self

    def fault(self) -> Fault:
        (fault,) = find_faults([self.name])
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return find_faults([dataclasses.replace(fault, **given)])[0]


class _ReplyTable(_Table):
    contains: _Words | None = None
    matches: Annotated[str, AfterValidator(_regular_expression)] | None = None
    noise: Literal[True] | None = None
    say: _Words | None = None
    resume: Literal[True] | None = None
    call: _Words | None = None
    args: dict[str, Any] | None = None

    @model_validator(mode="after")
    def check(self) -> Self:
        self.rule()
        return self

    def rule(self) -> Rule:
        if len(conditions := [name for name in ("contains", "matches", "noise") if getattr(self, name)]) > 1:
            raise ValueError(f"a reply has one condition; this has {' and '.join(conditions)}")
        if not (self.say or self.resume or self.call):
            raise ValueError("this reply has nothing to say: it needs say, resume or call")
        if self.args and not self.call:
            raise ValueError("args are those of a call, and this reply has none")
        return Rule(
            contains=self.contains or "",
            matches=None if self.matches is None else re.compile(self.matches, re.IGNORECASE),
            noise=bool(self.noise),
            say=self.say or "",
            resume=bool(self.resume),
            call=ToolCall(self.call, self.args or {}) if self.call else None,
        )


class _File(_Table):
    about: str = ""
    profile: Annotated[str, AfterValidator(_known_profile)] | None = None
    speed: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    faults: list[Annotated[_FaultTable, BeforeValidator(_table_of)]] = []
    hear: list[_OneLine] | None = None
    reply: list[_ReplyTable] = []

    def script(self) -> Script:
        return Script(
            about=self.about,
            profile=self.profile,
            speed=self.speed,
            faults=tuple(table.fault() for table in self.faults),
            hear=None if self.hear is None else tuple(self.hear),
            rules=tuple(table.rule() for table in self.reply),
        )


_TABLES: dict[str, type[_Table]] = {"faults": _FaultTable, "reply": _ReplyTable}


def _never_given(rules: tuple[Rule, ...]) -> tuple[int, int] | None:
    """Return the places of a reply that is never given, and of the one before it that is for everything."""
    for number, rule in enumerate(rules[:-1]):
        if rule.for_everything:
            return number + 1, number
    return None


def _line(lines: dict[Place, int], place: Place) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _in_words(error: Any) -> str:
    """Say what pydantic complains of: where, what is expected, and what was found."""
    place, what = error["loc"], error["msg"]
    if error["type"] == "extra_forbidden":
        known = list((_TABLES[place[0]] if len(place) > 1 else _File).model_fields)
        alike = difflib.get_close_matches(place[-1], known, 1)
        hint = f"did you mean {alike[0]!r}?" if alike else f"known are {', '.join(map(repr, known))}"
        return f"unknown key {place[-1]!r}; {hint}"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    name = f"item {place[-1] + 1} of {place[-2]}" if isinstance(place[-1], int) else place[-1]
    if error["type"] == "string_type":
        what = "text in quotation marks is wanted"
    return f"{name}: {what[0].lower()}{what[1:]}; got {error['input']!r}"
