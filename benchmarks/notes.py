"""How long the notes are that the model gets in the demo's conversations, with the rules and without them.

    python benchmarks/notes.py [--before CHARACTERS] [--json]

Each case of the demo is held on each of its services, 20 times as fast as real time. `--before` is what to compare the
median with: the first note had 1,657 characters here.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from statistics import median

from sentences import positive

from gemini_live_interrupt.demo._messages import Record, Wish, read
from gemini_live_interrupt.demo._story import CASES

PROFILES = ("2.5-native", "3.8-live")
BEFORE = 1657
RULES = re.compile(r"^(?:Then|Now), in their language:\n(?:.+\n)+?(?=</)", re.MULTILINE)


def notes_of(case: str, profile: str) -> list[str]:
    """Hold a conversation, and return the notes that reached the model."""
    wish = Wish(case=case, profile=profile, model="any", live=False, library=True, speed=20.0)
    command = [sys.executable, "-m", "gemini_live_interrupt.demo", wish.to_json()]
    done = subprocess.run(command, capture_output=True, check=True)
    record = read(done.stdout.splitlines()[-1])
    return record.told if isinstance(record, Record) else []


def main() -> int:
    parser = argparse.ArgumentParser(description="How long the notes of the demo's conversations are.")
    parser.add_argument("--before", type=positive, default=BEFORE, help=f"characters before (default {BEFORE})")
    parser.add_argument("--json", action="store_true", help="print one JSON object only")
    arguments = parser.parse_args()
    rows = [
        (profile, case, len(note), len(RULES.sub("", note)))
        for profile in PROFILES
        for case in CASES
        for note in notes_of(case, profile)
    ]
    whole, facts = (int(median(row[at] for row in rows)) for at in (2, 3))
    if arguments.json:
        print(json.dumps({"notes": rows, "median": whole, "median_of_facts": facts}))
        return 0
    print(f"{'service':<12}{'case':<12}{'characters':>11}{'facts alone':>13}")
    for profile, case, characters, of_facts in rows:
        print(f"{profile:<12}{case:<12}{characters:>11,}{of_facts:>13,}")
    for name, length in (("the note", whole), ("facts alone", facts)):
        print(f"median of {name}: {length:,} characters, {1 - length / arguments.before:.1%} fewer than before")
    return 0


if __name__ == "__main__":
    sys.exit(main())
