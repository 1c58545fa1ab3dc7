"""How often `resumption` agrees with people who judged where replies went on after an interruption.

    python benchmarks/resumption.py --data resumptions-dev.jsonl [--show] [--json]

The data has a reply a line: `{"lang": ..., "kind": ..., "heard": ..., "unheard": ..., "reply": ..., "label": ...}`. The
kind is that of the interruption; the label is `sentence`, `earlier`, `later` or `none`. The table gives the agreement
for each kind and language, and what was said of the replies of each label.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from gemini_live_interrupt import resumption

LABELS = ("sentence", "earlier", "later", "none")
Reply = dict[str, str]


def read_replies(paths: list[Path]) -> Iterator[Reply]:
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                reply = json.loads(line)
                texts = {key: reply[key] for key in ("lang", "kind", "heard", "unheard", "reply", "label")}
                if not all(isinstance(text, str) for text in texts.values()) or texts["label"] not in LABELS:
                    raise ValueError("a value is of the wrong kind")
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}, line {number}: not a judged reply ({error!r})") from error
            yield texts


def show(replies: Iterable[tuple[Reply, str]]) -> None:
    for reply, found in replies:
        if found != reply["label"]:
            print(f"{reply['lang']} {reply['kind']}: {found}, judged {reply['label']}")
            print(f"  heard    {reply['heard']}\n  unheard  {reply['unheard']}\n  reply    {reply['reply']}")


def agreement(replies: list[tuple[Reply, str]], key: str) -> dict[str, tuple[int, int]]:
    """Return for each value of the key how many were right, of how many."""
    right = Counter(reply[key] for reply, found in replies if found == reply["label"])
    return {value: (right[value], count) for value, count in sorted(Counter(r[key] for r, _ in replies).items())}


def print_tables(replies: list[tuple[Reply, str]]) -> None:
    for key in ("kind", "lang"):
        for value, (right, count) in agreement(replies, key).items():
            print(f"{value:<14}{right:>5} of {count:<5}{right / count:>7.1%}")
        print()
    print(f"{'judged':<14}" + "".join(f"{label:>10}" for label in LABELS))
    found = Counter((reply["label"], found) for reply, found in replies)
    for label in LABELS:
        print(f"{label:<14}" + "".join(f"{found[label, other]:>10}" for other in LABELS))
    right = sum(found[label, label] for label in LABELS)
    print(f"\n{right} of {len(replies)} agree, {right / len(replies):.1%}")


def main() -> int:
    parser = argparse.ArgumentParser(description="How often the place where a reply went on is found.")
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="FILE", help="resumptions-*.jsonl")
    parser.add_argument("--show", action="store_true", help="print the replies on which it differs")
    parser.add_argument("--json", action="store_true", help="print one JSON object only")
    arguments = parser.parse_args()
    try:
        judged = list(read_replies(arguments.data))
    except (OSError, ValueError) as error:
        print(f"resumption.py: {error}", file=sys.stderr)
        return 2
    if not judged:
        print("resumption.py: no reply in the data", file=sys.stderr)
        return 2
    replies = [(reply, resumption(reply["heard"], reply["unheard"], reply["reply"])) for reply in judged]
    if arguments.json:
        print(json.dumps({key: agreement(replies, key) for key in ("kind", "lang", "label")}))
        return 0
    if arguments.show:
        show(replies)
    print_tables(replies)
    return 0


if __name__ == "__main__":
    sys.exit(main())
