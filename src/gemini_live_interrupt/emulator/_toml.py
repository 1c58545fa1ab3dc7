"""A TOML file with the line of each of its keys, which the standard parser does not tell."""

import re
import tomllib

Place = tuple[str | int, ...]
"""Where a value stands: ("speed",), or ("reply", 2, "say"); a position counts from 0."""


def lines_of(source: str) -> dict[Place, int]:
    """Return the line in which each key and each table of a valid file begins.

    A statement is the shortest run of lines that the parser takes by itself.
    """
    found: dict[Place, int] = {}
    table: Place = ()
    statement: list[str] = []
    for number, line in enumerate(source.split("\n"), 1):
        statement.append(line)
        try:
            values = tomllib.loads("\n".join(statement))
        except tomllib.TOMLDecodeError:
            continue
        begins, statement = number - len(statement) + 1, []
        for key, value in values.items():
            if not line.lstrip().startswith("[") or begins != number:
                found[*table, key] = begins
                continue
            table = (key, sum(place[:1] == (key,) and len(place) == 2 for place in found)) if value == [{}] else (key,)
            found[table] = begins
    return found


def syntax_error(message: str, data: bytes) -> tuple[str, int]:
    """Return what the parser complains of, and the line."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", message, re.DOTALL)
    if not found:
        return message, 1
    return f"not TOML: {found[1]}", int(found[2] or data.rstrip().count(b"\n") + 1)
