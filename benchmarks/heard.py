"""Measure how well `heard` is what was heard, against speech of which the start of each word is known.

    python benchmarks/heard.py --data speech-timing.jsonl --shape all

Each item is streamed in the shape of a model family through the real handler, in virtual time, and cut at seeded random
moments: while it is generated, and in playback after generation is complete; as the first turn of a session; as the
second, after a greeting of a few words that ends in two seconds of silence; and as the fifth, after four other items of
its language, of the same voice where the data has voices, else at the rate of this one.

Its audio is noise, as loud as a voice, and in the gaps between words, where the data has them, as quiet as `--floor`
says; without gaps in the data it is noise throughout, in which there is nothing to be heard.

What counts as true: a word is heard from its beginning, and the last one by the part of it that was played (the time
to the next word's beginning, so a pause belongs to the word before it). The sentence that was being spoken is the one
of that last word. Ours is the sentence that the last word of `heard` is in, which is taken up again. A sentence is
skipped if ours is a later one: the harmful error. Milliseconds are between the moment of the cut and the moment at
which the text of `heard` has really been spoken.

`listened` is the part of the cuts in which the audio told something.

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
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any, NoReturn

from gemini_live_interrupt._actions import SendNote
from gemini_live_interrupt._envelope import audio_format
from gemini_live_interrupt._events import Event, GenerationCompleted, Interrupted, ModelSpeech, TurnCompleted, UserWords
from gemini_live_interrupt._handler import _InterruptHandler
from gemini_live_interrupt._pace import Pace
from gemini_live_interrupt._playback import Playback
from gemini_live_interrupt._prompt import default_prompt
from gemini_live_interrupt._sentences import cut_sentence
from gemini_live_interrupt._settings import Settings

SHAPES = ("2.0", "2.5", "3.x", "vertex")
METHODS = ("ours", "everything", "characters")
COLUMNS = ("words_mae", "ms_mae", "right_sentence", "skipped_sentence", "said_again", "left_out", "listened")
RATE = 24_000
CHUNK = (0.04, 0.24)
"""Seconds of audio in a chunk; one size for a turn."""
JITTER = (-0.2, 0.1)
"""Seconds of audio by which a delta comes before (usually) or after the chunk in which its first word begins."""
EARLIER_TURNS = 4
GREETING = 4
"""Words of it, at most."""
TAIL = 2.0
"""Seconds of silence after it."""
LEVELS = (1.0, 0.6, 1.4, 0.8)
"""Of one word after the other."""
LOUDNESS = 3000.0
"""Of the voice: the root mean square of its samples, of 32768."""
SETTINGS = Settings(
    prompt_builder=default_prompt,
    max_history=4,
    turn_complete=False,
    resume_after=4.0,
    on_interruption=None,
    builder_takes_interruption=False,
)


Output = tuple[float, float, int, Event]


@lru_cache
def noise(loudness: float) -> array[int]:
    """Return a second of it."""
    rng = random.Random(0)
    return array("h", (round(rng.gauss(0.0, loudness)) for _ in range(RATE)))


def extend(pcm: array[int], loudness: float, until: float) -> None:
    """Add noise until this second."""
    while (left := round(until * RATE) - len(pcm)) > 0:
        pcm += noise(loudness)[:left]


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
    ends: list[float]
    """When each ends; empty if that is not known."""
    voice: str
    """Items of one voice belong to one speaker; empty if that is not known."""
    quiet_from: float
    """The second from which on there is nothing but quiet."""

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
        ends = [word["end_ms"] / 1000 for word in row["words"]] if "end_ms" in row["words"][0] else []
        kind = f"{row['kind']} {row['set']}" if "kind" in row else row["set"]
        return cls(
            language=row["lang"],
            kind=kind,
            text=text,
            rate=float(row["rate"]),
            seconds=seconds,
            sentences=row["sentence_starts"],
            words=words,
            times=[*times, seconds],
            ends=ends,
            voice=row["id"].partition("-")[0] if "kind" in row else "",
            quiet_from=seconds,
        )

    def at_rate(self, rate: float) -> Item:
        """The same, spoken at another rate."""
        by = self.rate / rate
        times, ends = [second * by for second in self.times], [second * by for second in self.ends]
        return replace(self, rate=rate, times=times, ends=ends, seconds=times[-1], quiet_from=times[-1])

    def greeting(self) -> Item:
        """Its first few words, and a silence after them."""
        count = min(GREETING, len(self.words) - 1)
        text = self.text[: self.words[count - 1][1]]
        end = self.ends[count - 1] if self.ends else self.times[count]
        times = [*self.times[:count], end + TAIL]
        words, ends = self.words[:count], self.ends[:count]
        return replace(
            self, text=text, seconds=end + TAIL, sentences=[0], words=words, times=times, ends=ends, quiet_from=end
        )

    def pcm(self, floor: float) -> array[int]:
        """Return its audio; `floor` is how loud its quiet is against its voice, in dB."""
        quiet = LOUDNESS * 10 ** (floor / 20)
        found = array("h")
        for number, end in enumerate(self.ends or [self.quiet_from]):
            extend(found, quiet, self.times[number])
            extend(found, LOUDNESS * LEVELS[number % len(LEVELS)] if self.ends else LOUDNESS, end)
        extend(found, quiet, self.seconds)
        return found

    @property
    def speaker(self) -> tuple[str, str]:
        """Their language and voice."""
        return self.language, self.voice

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

    def taken_up(self, size: int, played: float, *, is_next: bool) -> tuple[float, float]:
        """Say whether a sentence is said again that was heard to its end, and whether one is left out that was not."""
        whole = bisect_right(self.ends, played) if self.ends else int(self.words_at(played))  # words heard to their end
        all_heard = whole == len(self.words)
        right = len(self.sentences) + 1 if all_heard else bisect_right(self.sentences, self.words[whole][0])
        ours = self.sentence(self.words_in(size)) + is_next
        return float(ours < right), float(ours > right)


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


def messages(item: Item, shape: str, speed: float, floor: float, rng: random.Random) -> Iterator[Output]:
    """Yield `(second, audio received, text received, event)` up to and with the end of generation."""
    chunk = rng.uniform(*CHUNK)
    waiting, due = [], 0.0
    for start, end in deltas(item, shape, rng):
        due = max(due, 0.0 if shape == "vertex" else item.begins(start) + rng.uniform(*JITTER))
        waiting.append((due, item.text[start:end], end))
    received, size, pcm, sent = 0.0, 0, item.pcm(floor), 0
    while received < item.seconds:
        seconds = min(chunk, item.seconds - received)
        text = ""
        while waiting and (waiting[0][0] < received + seconds or received + chunk >= item.seconds):
            _, delta, size = waiting.pop(0)
            text += delta
            if shape != "3.x":
                yield received / speed, received, size, ModelSpeech(text=delta)
        received += seconds
        until = min(round(received * RATE), len(pcm))
        audio = (pcm[sent:until].tobytes(), f"audio/pcm;rate={RATE}")
        sent = until
        bundled = text if shape == "3.x" else ""
        yield (received - seconds) / speed, received, size, ModelSpeech(text=bundled, audio=[audio])
    yield received / speed, received, size, GenerationCompleted()


def heard_at(handler: _InterruptHandler, now: float, received: str) -> tuple[str, bool]:
    """Return what the handler says was heard when it is interrupted, and whether the next sentence is to be taken up.

    No note means that all was heard.
    """
    after = copy.deepcopy(handler)
    for action in after.receive(Interrupted(), now):
        if isinstance(action, SendNote):
            cut = action.note.interruption
            return cut.heard, not cut.heard.endswith(cut.cut_sentence)
    return received, True


def listened(handler: _InterruptHandler) -> bool:
    """Return whether the audio of the reply tells something."""
    reply = handler._reply
    return reply is not None and len(reply.playback._signs().pauses[0]) > 0


def session(others: list[Item], play: Callable[[Item], Iterator[Output]]) -> tuple[_InterruptHandler, float]:
    """Return a handler that has followed these turns, and the time."""
    handler, now = _InterruptHandler(SETTINGS), 0.0
    for other in others:
        second = 0.0
        for second, *_, output in play(other):
            handler.receive(output, now + second)
        now += max(other.seconds, second) + 1.0
        handler.receive(TurnCompleted(), now)
        handler.receive(UserWords("And then?"), now + 1.0)
        now += 3.0
    return handler, now


def cuts(
    item: Item, others: list[Item], shape: str, speed: float, floor: float, count: int, seed: str
) -> Iterator[tuple[Any, ...]]:
    """Yield `(moment, method, scores)` for each cut of one item."""
    rng = random.Random(seed)

    def play(each: Item) -> Iterator[Output]:
        return messages(each, shape, speed, floor, rng)

    handler, began = session(others, play)
    stream = list(play(item))
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
        ours, is_next = heard_at(handler, began + cut, item.text[:size])
        told = float(listened(handler))
        for method, heard in zip(METHODS, (len(ours), size, round(size * played / received)), strict=True):
            nexts = method == "ours" and is_next
            yield moment, method, (*item.score(heard, played), *item.taken_up(heard, played, is_next=nexts), told)


def measure(
    items: list[Item], shapes: list[str], speed: float, floor: float, count: int, seed: int
) -> list[dict[str, Any]]:
    """Return a row for each shape, set, moment, turn and method."""
    scores: dict[tuple[str, ...], list[tuple[float, ...]]] = defaultdict(list)
    for shape in shapes:
        for number, item in enumerate(items):
            rng = random.Random(f"{seed} {number}")
            others = [other for other in items if other is not item and (other.language, other.voice) == item.speaker]
            others = others or [other for other in items if other is not item] or [item]
            earlier = (rng.sample(others, len(others)) * EARLIER_TURNS)[:EARLIER_TURNS]
            if not item.voice:
                earlier = [other.at_rate(item.rate) for other in earlier]
            for turn, before in (("first", []), ("greeted", [earlier[0].greeting()]), ("later", earlier)):
                told = cuts(item, before, shape, speed, floor, count, f"{seed} {number} {shape}")
                for moment, method, score in told:
                    scores[shape, item.kind, moment, turn, method].append(score)
    rows = []
    for key, values in scores.items():
        names = zip(("shape", "set", "moment", "turn", "method"), key, strict=True)
        means = zip(COLUMNS, map(fmean, zip(*values, strict=True)), strict=True)
        rows.append({**dict(names), "cuts": len(values), **dict(means)})
    return rows


def print_table(rows: list[dict[str, Any]]) -> None:
    print(
        f"{'shape':7} {'set':12} {'moment':11} {'turn':8} {'method':11} cuts  words    ms  right  skipped"
        "   again left out  listened"
    )
    for row in sorted(rows, key=lambda row: METHODS.index(row["method"])):
        where = f"{row['shape']:7} {row['set']:12} {row['moment']:11} {row['turn']:8} {row['method']:11}"
        errors = f"{row['cuts']:4} {row['words_mae']:6.2f} {row['ms_mae']:5.0f}"
        sentences = f"{row['right_sentence']:5.1%}  {row['skipped_sentence']:6.1%}"
        print(
            f"{where} {errors}  {sentences}  {row['said_again']:6.1%}  {row['left_out']:6.1%}  {row['listened']:7.0%}"
        )


def print_cost() -> None:
    """Print what a turn of 20,000 characters costs: at the cut, and for each delta and chunk before it."""
    sentences = ("The tide turns twice a day, pulled by the moon. " * 420)[:20_000].split(". ")
    words = [[word + " " for word in (sentence + ".").split()] for sentence in sentences]
    voice, quiet = (noise(loudness)[: RATE * 3 // 10].tobytes() for loudness in (LOUDNESS, LOUDNESS / 300))
    form = audio_format(None)

    def turn(*, ahead: bool) -> Playback:
        new = Playback(Pace())
        if ahead:
            new.add_text("".join(map("".join, words)))
        for sentence in words:
            for word in sentence:
                if not ahead:
                    new.add_text(word)
                new.add_audio(0.3, 0.0)
                new.listen(voice, form)
            new.add_audio(0.3, 0.0)
            new.listen(quiet, form)
        return new

    def best(call: Callable[[], Any]) -> float:
        times = []
        for _ in range(20):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        return min(times)

    count = sum(map(len, words))
    print(f"a delta and its chunk:                 {best(lambda: turn(ahead=False)) / count * 1e6:6.2f} µs")
    for ahead, what in ((False, "with its audio"), (True, "ahead of it   ")):
        whole = turn(ahead=ahead)
        print(f"heard, 20,000 characters {what}: {best(lambda whole=whole: whole.heard(500.0)) * 1e3:6.2f} ms")
    heard = whole.heard(5000.0).text
    print(f"cut_sentence of what was heard:        {best(lambda: cut_sentence(heard)) * 1e3:6.2f} ms")


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
    parser.add_argument("--floor", type=float, default=-50.0, help="how loud pauses are against the voice, in dB")
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
    if not -100.0 <= options.floor <= 0.0:
        fail(f"--floor must be between -100 and 0, not {options.floor}")
    if options.cuts < 1:
        fail(f"--cuts must be at least 1, not {options.cuts}")
    shapes = list(SHAPES) if options.shape == "all" else [options.shape]
    rows = measure(load(options.data), shapes, options.speed, options.floor, options.cuts, options.seed)
    if options.json:
        print(json.dumps({"results": rows}, indent=1))
    else:
        print_table(rows)


if __name__ == "__main__":
    main()
