"""A conversation in words: what was sent, heard, told, and missed."""

import re
from collections.abc import Collection, Mapping, Sequence

from ..emulator._dispositions import DISPOSITIONS
from ._messages import Record, Wish
from ._report import StoryReport, fault, report

NOTHING = "nothing"
_HEARD = re.compile(r"[Tt]he user HEARD: “(.*)”")
_UNHEARD = re.compile(r"did NOT HEAR: “(.*)”")
_CONTINUE = re.compile(r"text to continue with: “(.*)”")
_ASKS = re.compile(r"^The user said .* and waits\.$", re.MULTILINE)
Quotations = Sequence[tuple[str, re.Pattern[str], tuple[int, int]]]
"""What to quote of a note: how to name it, how to find it, and how many of its first and last words to give."""
AT_LENGTH: Quotations = (
    ("they heard", _HEARD, (0, 4)),
    ("they did not hear", _UNHEARD, (3, 2)),
    ("continue with", _CONTINUE, (4, 4)),
)
BRIEFLY: Quotations = (("heard", _HEARD, (0, 4)), ("not heard", _UNHEARD, (3, 0)), ("go on with", _CONTINUE, (4, 0)))
ADVICE: dict[str, str] = {
    "facts": "What to do: nothing has to be done. A model that uses the facts of a note, and not its rules, goes on "
    "where the user's ear was, so that nothing is missed. If it mistakes a noise for a question, put the rules where "
    'models obey them: rules="system".',
    "record": "What to do: a model that believes its own record leaves out what was sent and not heard, whatever a "
    'note says; Interruption.resumption is "later" or "none", and after five that are "later" the log warns. Try '
    'rules="system" and turn_complete=True. If nothing helps, no note can: have your app send less ahead of the ear.',
    "second-answer": "What to do: a model that reads silent content from its second answer on is right when the user "
    "asks it to go on, and wrong in what it says at once, after a noise or a follow-up. With turn_complete=True the "
    "note orders the reply, and is read for it.",
    "system-rules": "What to do: a model that follows rules in its system instruction only uses the note's facts, and "
    'goes on in mid-sentence. rules="system" puts the rules there at connect (--rules system shows it); or put '
    "interruption_rules() into your own instruction, with rules=None.",
}
"""What a user would do about a model of each disposition but the one that follows its notes."""
_NOISE = {
    "2.5-native": "After a noise it has the model speak; real ones are known to stay silent now and then.",
    "3.8-live": "After a noise it stays silent, as the real one may; the library then asks the model to go on.",
}


def rows(record: Record) -> list[tuple[str, str]]:
    """Return what is to be shown of a conversation: label and text."""
    found = report(record)
    return [
        ("sent", _extent(record.sent)),
        ("heard", _extent(record.heard)),
        ("told", "\n".join(map(shorten_note, record.told)) or NOTHING),
        ("then", _dialogue(record)),
        ("went on", _place(record)),
        ("missed", _run(found.missed, found.words)),
        ("heard twice", _run(found.heard_twice, found.words) + _excuse(found)),
    ]


def shorten_note(note: str) -> str:
    """Return the facts of a note on one line, with its length."""
    if note_asks(note):
        return f"and {facts(note)[0]}"
    return f"a note ({len(note):,} characters): {', '.join(facts(note))}"


def facts(note: str, quotations: Quotations = AT_LENGTH) -> list[str]:
    """Return the facts of a note, quoted by their edges; of a note without them, its beginning."""
    if note_asks(note):
        return ["after a silence the same again: go on now"]
    found = [(name, pattern.search(note), edges) for name, pattern, edges in quotations]
    return [f"{name} “{abridge(match[1], *edges)}”" for name, match, edges in found if match] or [abridge(note, 12, 0)]


def note_asks(note: str) -> bool:
    """Say whether it asks the model to speak."""
    return _ASKS.search(note) is not None


def abridge(text: str, first: int, last: int) -> str:
    """Return the first and the last words of a text, or all of it if little would be left out."""
    words = text.split()
    if len(words) <= first + last + 1:
        return " ".join(words)
    return " ".join([*words[:first], "…", *words[len(words) - last :]])


def scene(wish: Wish) -> str:
    """Say what is going to happen."""
    deed = {"question": "asks something new", "noise": "coughs", "follow-up": "asks about the story"}[wish.case]
    return f"{f'{wish.model} tells' if wish.live else 'A model tells'} a story; in its third sentence the user {deed}."


def twice(wish: Wish) -> str:
    """Say how it is shown, and how long that takes."""
    return "The same conversation is held twice, at the same time: without and with enable_interrupt_resume(), " + (
        "in real time; this takes about half a minute." if wish.speed == 1 else f"{wish.speed:g} times as fast."
    )


def caution(wish: Wish, cases: Collection[str]) -> str:
    """Say what is not real, and what a real service may do otherwise."""
    if wish.live:
        return "The listener's clock is simulated; what was heard is estimated from when the transcript came."
    noise = f" {_NOISE[wish.profile]}" if "noise" in cases else ""
    what = DISPOSITIONS[wish.disposition]
    follows = "follows the note in its context and nothing else" if wish.disposition == "obeys" else what
    return (
        f"The model is scripted: it {follows}, and without one it goes on from what was sent. "
        f"The service is this package's emulator ({wish.profile}). The listener's clock is simulated: a "
        f"word is heard when its audio would have been played.{noise}"
    )


def overview(records: Mapping[str, Sequence[Record]]) -> list[tuple[str, ...]]:
    """Return a table, its head first: for each case what was missed, and whether the model went on right."""
    table: list[tuple[str, ...]] = [("case", "missed without", "missed with", "went on")]
    for case, both in records.items():
        missed = [sum(len(run.split()) for run in report(record).missed) for record in both]
        counts = [f"{count} words" if count else NOTHING for count in missed]
        table.append((case, *counts, fault(both[1]) or "right"))
    return table


def verdict(faults: Mapping[str, str], *, live: bool, seamless: bool = False) -> str:
    """Say in which cases, of one or more, the model went on right with the library; `faults` has "" for those."""
    wrong = [case for case in faults if faults[case]]
    right, of = len(faults) - len(wrong), len(faults)
    if live and of > 1:
        return f"As the listener heard it, the model went on right in {right} of {of} cases."
    if live:
        return f"As the listener heard it: {''.join(faults.values()) or 'the model went on right'}."
    if wrong and of > 1:
        return f"Wrong, with the library, in {len(wrong)} of {of} cases: {', '.join(wrong)}."
    if wrong:
        return f"Wrong, with the library: {faults[wrong[0]]}."
    where = f"in all {of} cases " if of > 1 else ""
    place = "within" if seamless else "at the beginning of"
    return (
        f"Right: with the library, {where}the model went on {place} the sentence that was cut off, "
        "and the listener missed nothing."
    )


def _extent(text: str) -> str:
    return f"{len(text.split())} words, to “{abridge(text, 0, 6)}”" if text else NOTHING


def _dialogue(record: Record) -> str:
    """Return what was said after the interruption."""
    said = [(line.who, line.words) for line in record.lines[1:] if line.who != "note" and line.words]
    if said and said[-1][0] == "user":
        said.append(("model", "(stays silent)"))
    return "\n".join(f"{who}: {abridge(words, 10, 4)}" for who, words in said)


def _place(record: Record) -> str:
    found = report(record)
    if found.went_on is None:
        return "nowhere: the story is not taken up again"
    place = abridge(found.resumed, 4, 0)
    if found.went_on == found.cut:
        return f"at “{place}”, the beginning of the cut-off sentence"
    if found.went_on == len(record.sent.split()):
        return f"at “{place}”, where sending had got to"
    return f"at “{place}”"


def _run(runs: list[str], of: int) -> str:
    if not runs:
        return NOTHING
    count = sum(len(run.split()) for run in runs)
    return f"{count} of {of} words: " + ", ".join(f"“{abridge(run, 9, 5)}”" for run in runs)


def _excuse(found: StoryReport) -> str:
    return ", as the sentence begins again" if found.heard_twice and found.went_on == found.cut else ""
