"""How often `cut_sentence` finds the beginning of the sentence in progress, beside two other ways.

    python benchmarks/sentences.py --data sentences-dev.jsonl [--seed N] [--cuts N] [--json]

Each document of the data, `{"lang": ..., "sep": ..., "sentences": [...]}` a line, is cut at random characters. The
truth is the start of the sentence that holds the last character before the cut; a separator belongs to the sentence
before it. Early repeats what was said, late begins inside the sentence.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import accumulate
from pathlib import Path

from gemini_live_interrupt._sentences import cut_sentence

segment: Callable[[str, str], Iterable[str]] | None
try:
    segment = import_module("sentencex").segment
except ImportError:  # it is in the extra `bench`
    segment = None

NAIVE = re.compile(r".*[.!?]\s+", re.DOTALL)
Locate = Callable[[str, str], int]
Row = dict[str, str | int | float]


@dataclass(frozen=True)
class Document:
    language: str
    text: str
    starts: list[int]

    def truth(self, cut: int) -> int:
        return max(start for start in self.starts if start < cut)


def ours(text: str, _language: str) -> int:
    return len(text) - len(cut_sentence(text))


def naive(text: str, _language: str) -> int:
    """The last full stop, exclamation or question mark before a space."""
    found = NAIVE.match(text.rstrip())
    return found.end() if found else 0


def methods() -> dict[str, Locate]:
    found: dict[str, Locate] = {"ours": ours, "naive": naive}
    if segment is None:
        return found

    def by_sentencex(text: str, language: str) -> int:
        last = [sentence for sentence in segment(language, text) if sentence.strip()][-1]
        return text.rindex(last.strip())

    return found | {"sentencex": by_sentencex}


def read_documents(paths: list[Path]) -> Iterator[Document]:
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield parse_document(line)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"{path}, line {number}: not a document of sentences ({error!r})") from error


def parse_document(line: str) -> Document:
    item = json.loads(line)
    separator, sentences = item["sep"], [sentence.strip() for sentence in item["sentences"]]
    if not sentences or not all(sentences):
        raise ValueError("empty sentence")
    starts = [0, *accumulate(len(sentence) + len(separator) for sentence in sentences[:-1])]
    return Document(str(item["lang"]), separator.join(sentences), starts)


def measure(documents: list[Document], *, cuts: int, seed: int) -> list[Row]:
    counts: dict[tuple[str, str], Counter[str]] = {}
    chance, located = random.Random(seed), methods()
    for document in documents:
        for cut in (chance.randint(1, len(document.text)) for _ in range(cuts)):
            truth = document.truth(cut)
            for method, locate in located.items():
                at = locate(document.text[:cut], document.language)
                outcome = "exact" if at == truth else "early" if at < truth else "late"
                for group in groups(document.language):
                    counts.setdefault((group, method), Counter())[outcome] += 1
    return [row(group, method, count) for (group, method), count in sorted(counts.items(), key=order)]


def groups(language: str) -> list[str]:
    return [language, "all"] if language == "th" else [language, "all", "all but th"]


def order(entry: tuple[tuple[str, str], Counter[str]]) -> tuple[bool, str, int]:
    (group, method), _ = entry
    return not group.startswith("all"), group, ("ours", "naive", "sentencex").index(method)


def row(group: str, method: str, count: Counter[str]) -> Row:
    cuts = count.total()
    shares = {outcome: round(count[outcome] / cuts, 4) for outcome in ("exact", "early", "late")}
    return {"language": group, "method": method, "cuts": cuts, **shares}


def print_table(rows: list[Row]) -> None:
    print(f"{'language':<12}{'method':<11}{'cuts':>7}{'exact':>9}{'early':>9}{'late':>9}")
    for line in rows:
        shares = "".join(f"{line[outcome]:>9.1%}" for outcome in ("exact", "early", "late"))
        print(f"{line['language']:<12}{line['method']:<11}{line['cuts']:>7}{shares}")


def positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def main() -> int:
    parser = argparse.ArgumentParser(description="How often the beginning of the sentence in progress is found.")
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="FILE", help="sentences-*.jsonl")
    parser.add_argument("--seed", type=int, default=1, help="of the cuts (default 1)")
    parser.add_argument("--cuts", type=positive, default=40, help="per document (default 40)")
    parser.add_argument("--json", action="store_true", help="print one JSON object only")
    arguments = parser.parse_args()
    try:
        documents = list(read_documents(arguments.data))
    except (OSError, ValueError) as error:
        print(f"sentences.py: {error}", file=sys.stderr)
        return 2
    if not documents:
        print("sentences.py: no document in the data", file=sys.stderr)
        return 2
    rows = measure(documents, cuts=arguments.cuts, seed=arguments.seed)
    if arguments.json:
        print(json.dumps({"results": rows}))
    else:
        print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
