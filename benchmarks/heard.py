"""Measure how well `heard` is what was heard, against speech of which the start of each word is known.

    python benchmarks/heard.py --data speech-timing.jsonl --shape all

Each item is streamed in the shape of a model family through the real handler, in virtual time, and cut at seeded random
moments: while it is generated, and in playback after generation is complete; as the first turn of a session, and as
the fifth, after four other items of its language, spoken at the rate of this one.

What counts as true: a word is heard from its beginning, and the last one by the part of it that was played (the time
to the next word's beginning, so a pause belongs to the word before it). The sentence that was being spoken is the one
of that last word. Ours is the sentence that the last word of `heard` is in, which is taken up again. A sentence is
skipped if ours is a later one: the harmful error. Milliseconds are between the moment of the cut and the moment at
which the text of `heard` has really been spoken.

Methods: `ours`; `everything`, all text received; `characters`, its part that is to all of it as the audio played is to
the audio received.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any, NoReturn

from google.genai import types

from gemini_live_interrupt._handler import Note, _InterruptHandler
from gemini_live_interrupt._heard import Pace
from gemini_live_interrupt._prompt import default_prompt
from gemini_live_interrupt._sentences import cut_sentence
from gemini_live_interrupt._settings import Settings
from gemini_live_interrupt._turn import Turn

SHAPES = ("2.0", "2.5", "3.x", "vertex")
METHODS = ("ours", "everything", "characters")
COLUMNS = ("words_mae", "ms_mae", "right_sentence", "skipped_sentence")
RATE = 24_000
CHUNK = (0.04, 0.24)
"""Seconds of audio in a chunk; one size for a turn."""
JITTER = (-0.2, 0.1)
"""Seconds of audio by which a delta comes before (usually) or after the chunk in which its first word begins."""
EARLIER_TURNS = 4
QUESTION = types.LiveServerMessage.model_validate({"server_content": {"input_transcription": {"text": "And then?"}}})
SETTINGS = Settings(
    prompt_builder=default_prompt,
    max_history=4,
    turn_complete=False,
    resume_after=4.0,
    on_interruption=None,
    builder_takes_interruption=False,
    era=None,
)


@dataclass(frozen=True)
class Item:
    """One reply, and when it is really spoken."""

    language: str
    kind: str
    text: str
    rate: float
    seconds: float
    sentences: list[int]
    words: list[tuple[int, int]]
    """Where each begins and ends, without punctuation before it."""
    times: list[float]
    """When each begins; one item more, for the end of all."""

    @classmethod
    def read(cls, row: dict[str, Any]) -> Item:
        text, words = row["text"], []
        for word in row["words"]:
            start = word["start_char"]
            while start < word["end_char"] - 1 and not text[start].isalnum():
                start += 1
            words.append((start, word["end_char"]))
        times = [word["start_ms"] / 1000 for word in row["words"]]
        seconds = row["total_ms"] / 1000
        if not words or times != sorted(times) or times[-1] >= seconds:
            raise ValueError("words must begin in order, before the end")
        starts = row["sentence_starts"]
        return cls(row["lang"], row["set"], text, float(row["rate"]), seconds, starts, words, [*times, seconds])

    def at_rate(self, rate: float) -> Item:
        """The same, spoken at another rate."""
        by = self.rate / rate
        times = [second * by for second in self.times]
        return Item(self.language, self.kind, self.text, rate, times[-1], self.sentences, self.words, times)

    def begins(self, offset: int) -> float:
        """Return the second at which the character is spoken, dividing the time of a word evenly."""
        index = max(bisect_right(self.words, (offset, len(self.text))) - 1, 0)
        start = self.words[index][0]
        end = self.words[index + 1][0] if index + 1 < len(self.words) else len(self.text)
        part = min(max(offset - start, 0) / max(end - start, 1), 1.0)
        return self.times[index] + part * (self.times[index + 1] - self.times[index])

    def words_at(self, second: float) -> float:
        """Return how many words have been spoken, with the part of the last one."""
        index = min(bisect_right(self.times, second), len(self.words)) - 1
        return index + min((second - self.times[index]) / (self.times[index + 1] - self.times[index]), 1.0)

    def words_in(self, size: int) -> float:
        """Return how many words a prefix of the text has, with the part of the last one by its characters."""
        index = bisect_right(self.words, (size, -1)) - 1
        if index < 0:
            return 0.0
        start, end = self.words[index]
        spoken = max((at + 1 for at in range(start, end) if self.text[at].isalnum()), default=end)
        return index + min((size - start) / (spoken - start), 1.0)

    def sentence(self, words: float) -> int:
        """Return the index of the sentence that the last of so many words is in."""
        last = max(-int(-words // 1), 1) - 1
        return bisect_right(self.sentences, self.words[last][0])

    def score(self, size: int, played: float) -> tuple[float, float, float, float]:
        """Compare a prefix of the text with what had been played: the values of `COLUMNS`."""
        ours, true = self.words_in(size), self.words_at(played)
        whole, part = int(ours), ours % 1
        moment = self.times[whole] + (part and part * (self.times[whole + 1] - self.times[whole]))
        sentence, spoken = self.sentence(ours), self.sentence(true)
        return abs(ours - true), abs(moment - played) * 1000, float(sentence == spoken), float(sentence > spoken)


def deltas(item: Item, shape: str, rng: random.Random) -> list[tuple[int, int]]:
    """Divide the text as the models of this shape do: where each delta begins and ends."""
    size = len(item.text)
    if shape == "vertex":
        edges = [0, min(item.words[0][1], size), size]
    elif shape == "2.0":
        edges = [*range(0, size, 3), size]
    else:
        leading = shape == "2.5" or rng.random() < 0.5
        starts = [start - (leading and item.text[start - 1] == " ") for start, _ in item.words[1:]]
        edges = [0]
        while starts:
            starts = starts[(0 if shape == "2.5" else rng.randrange(3)) :]
            edges += starts[:1]
            starts = starts[1:]
        edges.append(size)
    return [(start, end) for start, end in pairwise(edges) if start < end]


def messages(item: Item, shape: str, speed: float, rng: random.Random) -> Iterator[tuple[float, float, int, Any]]:
    """Yield `(second, audio received, text received, message)` up to and with generationComplete."""
    chunk = rng.uniform(*CHUNK)
    waiting, due = [], 0.0
    for start, end in deltas(item, shape, rng):
        due = max(due, 0.0 if shape == "vertex" else item.begins(start) + rng.uniform(*JITTER))
        waiting.append((due, item.text[start:end], end))
    received, size = 0.0, 0
    while received < item.seconds:
        seconds = min(chunk, item.seconds - received)
        text = ""
        while waiting and (waiting[0][0] < received + seconds or received + chunk >= item.seconds):
            _, delta, size = waiting.pop(0)
            text += delta
            if shape != "3.x":
                yield received / speed, received, size, message(text=delta)
        received += seconds
        bundled = text if shape == "3.x" else ""
        yield (received - seconds) / speed, received, size, message(text=bundled, audio=2 * round(seconds * RATE))
    yield received / speed, received, size, message(generation_complete=True)


@lru_cache(maxsize=10_000)  # the SDK takes longer to make one than the handler to read it
def message(*, text: str = "", audio: int = 0, **fields: Any) -> types.LiveServerMessage:
    """Return a server message with so many bytes of audio."""
    if text:
        fields["output_transcription"] = {"text": text}
    if audio:
        blob = {"data": bytes(audio), "mime_type": f"audio/pcm;rate={RATE}"}
        fields["model_turn"] = {"role": "model", "parts": [{"inline_data": blob}]}
    return types.LiveServerMessage.model_validate({"server_content": fields})


def heard_at(handler: _InterruptHandler, now: float, received: str) -> str:
    """Return what the handler says was heard when it is interrupted; no note means that all was."""
    after = copy.deepcopy(handler)
    for deed in after.receive(message(interrupted=True), now):
        if isinstance(deed, Note):
            return deed.interruption.heard
    return received


def session(item: Item, others: list[Item], shape: str, speed: float, rng: random.Random) -> tuple[Any, float]:
    """Return a handler that has followed these turns, and the time."""
    handler, now = _InterruptHandler(SETTINGS), 0.0
    for other in others:
        for second, *_, output in messages(other.at_rate(item.rate), shape, speed, rng):
            handler.receive(output, now + second)
        now += max(other.at_rate(item.rate).seconds, second) + 1.0
        handler.receive(message(turn_complete=True), now)
        handler.receive(QUESTION, now + 1.0)
        now += 3.0
    return handler, now


def cuts(item: Item, others: list[Item], shape: str, speed: float, count: int, seed: str) -> Iterator[tuple[Any, ...]]:
    """Yield `(moment, method, scores)` for each cut of one item."""
    rng = random.Random(seed)
    handler, began = session(item, others, shape, speed, rng)
    stream = list(messages(item, shape, speed, rng))
    generated = stream[-1][0]
    over = max(item.seconds, generated)
    moments = [("generating", rng.uniform(0.0, generated)) for _ in range(count)]
    moments += [("complete", rng.uniform(generated, over)) for _ in range(count)]
    received, size, ends = 0.0, 0, 0.0
    for moment, cut in sorted(moments, key=lambda each: each[1]):
        while stream and (stream[0][0] <= cut):
            second, audio, size, output = stream.pop(0)
            handler.receive(output, began + second)
            ends = max(ends, second) + audio - received  # the true queue of the player
            received = audio
        played = min(received - max(ends - cut, 0.0), received)
        if not received:
            continue
        ours = len(heard_at(handler, began + cut, item.text[:size]))
        for method, heard in zip(METHODS, (ours, size, round(size * played / received)), strict=True):
            yield moment, method, item.score(heard, played)


def measure(items: list[Item], shapes: list[str], speed: float, count: int, seed: int) -> list[dict[str, Any]]:
    """Return a row for each shape, set, moment, turn and method."""
    scores: dict[tuple[str, ...], list[tuple[float, ...]]] = defaultdict(list)
    for shape in shapes:
        for number, item in enumerate(items):
            rng = random.Random(f"{seed} {number}")
            others = [other for other in items if other is not item and other.language == item.language]
            others = others or [other for other in items if other is not item] or [item]
            earlier = (rng.sample(others, len(others)) * EARLIER_TURNS)[:EARLIER_TURNS]
            for turn, before in (("first", []), ("later", earlier)):
                for moment, method, score in cuts(item, before, shape, speed, count, f"{seed} {number} {shape}"):
                    scores[shape, item.kind, moment, turn, method].append(score)
    rows = []
    for key, values in scores.items():
        names = zip(("shape", "set", "moment", "turn", "method"), key, strict=True)
        means = zip(COLUMNS, map(fmean, zip(*values, strict=True)), strict=True)
        rows.append({**dict(names), "cuts": len(values), **dict(means)})
    return rows


def print_table(rows: list[dict[str, Any]]) -> None:
    print(f"{'shape':7} {'set':6} {'moment':11} {'turn':6} {'method':11} cuts  words    ms  right  skipped")
    for row in sorted(rows, key=lambda row: METHODS.index(row["method"])):
        where = f"{row['shape']:7} {row['set']:6} {row['moment']:11} {row['turn']:6} {row['method']:11}"
        errors = f"{row['cuts']:4} {row['words_mae']:6.2f} {row['ms_mae']:5.0f}"
        print(f"{where} {errors}  {row['right_sentence']:5.1%}  {row['skipped_sentence']:6.1%}")


def print_cost() -> None:
    """Print what a turn of 20,000 characters costs: at the cut, and for each delta and chunk before it."""
    words = ("The tide turns twice a day, pulled by the moon. " * 420)[:20_000].split(" ")

    def turn() -> Turn:
        new = Turn(Pace())
        for word in words:
            new.add_text(word + " ")
            new.add_audio(0.3, 0.0)
        return new

    def best(call: Any, *arguments: Any) -> float:
        times = []
        for _ in range(20):
            start = time.perf_counter()
            call(*arguments)
            times.append(time.perf_counter() - start)
        return min(times)

    whole = turn()
    print(f"a delta and its chunk:          {best(turn) / len(words) * 1e6:6.2f} µs")

    print(f"heard, in 20,000 characters:    {best(whole.heard, 500.0) * 1e3:6.2f} ms")
    print(f"cut_sentence of what was heard: {best(cut_sentence, whole.heard(5000.0).text) * 1e3:6.2f} ms")


def load(paths: list[Path]) -> list[Item]:
    """Read the files; a bad one ends the program with a line that says what is wrong."""
    items = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            fail(f"cannot read {path}: {error}")
        for number, line in enumerate(lines, 1):
            try:
                items += [Item.read(json.loads(line))] if line.strip() else []
            except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
                fail(f"{path}, line {number}: not an item of speech timing ({type(error).__name__}: {error})")
    if not items:
        fail("no items in the data")
    return items


def fail(why: str) -> NoReturn:
    print(f"heard.py: error: {why}", file=sys.stderr)
    sys.exit(2)


class Arguments(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        fail(message)


def main() -> None:
    parser = Arguments(description="Measure how well `heard` is what was heard.")
    parser.add_argument("--data", type=Path, nargs="+", action="extend", metavar="FILE", help="speech timing, JSONL")
    parser.add_argument("--shape", choices=[*SHAPES, "all"], default="all")
    parser.add_argument("--speed", type=float, default=3.5, help="how many times faster than real time audio comes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cuts", type=int, default=10, help="cuts of each item in each moment of each turn")
    parser.add_argument("--json", action="store_true", help="print one JSON object only")
    parser.add_argument("--cost", action="store_true", help="print what a long turn costs instead")
    options = parser.parse_args()
    if options.cost:
        print_cost()
        return
    if not options.data:
        fail("--data FILE is required")
    if not 0.1 <= options.speed <= 100.0:
        fail(f"--speed must be between 0.1 and 100, not {options.speed}")
    if options.cuts < 1:
        fail(f"--cuts must be at least 1, not {options.cuts}")
    shapes = list(SHAPES) if options.shape == "all" else [options.shape]
    rows = measure(load(options.data), shapes, options.speed, options.cuts, options.seed)
    if options.json:
        print(json.dumps({"results": rows}, indent=1))
    else:
        print_table(rows)


if __name__ == "__main__":
    main()
