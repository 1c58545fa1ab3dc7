"""What the trials say together: an answer for each question, or that it stayed open and why."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ._experiment import Experiment, Question, Value
from ._runner import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one question. `value` is `None` if it is open; `agree` of `tried` trials say so."""

    key: str
    experiment: str
    asks: str
    answer: str
    value: Value | None
    agree: int
    tried: int
    lowest: float | None = None
    highest: float | None = None
    library: str
    option: str

    @property
    def open(self) -> bool:
        """Whether it was not found out."""
        return self.value is None


def find_answers(experiments: Iterable[Experiment], trials: Sequence[Trial]) -> list[Answer]:
    """Return an answer for each question of the experiments."""
    found = []
    for experiment in experiments:
        own = [trial for trial in trials if trial.experiment == experiment.name]
        found += [_find(experiment, question, own) for question in experiment.questions]
    return found


def _find(experiment: Experiment, question: Question, trials: Sequence[Trial]) -> Answer:
    known = [value for trial in trials if (value := trial.seen.get(question.key)) is not None]
    controls = [trial.seen.get(question.control) for trial in trials] if question.control else []
    if not known:
        return _answer(experiment, question, f"not found out: {_why(trials)}", None, 0, len(trials))
    if any(control is True for control in controls):
        count = sum(control is True for control in controls)
        why = f"worth nothing: so did the control, {count} of {len(trials)}"
        return _answer(experiment, question, why, None, 0, len(trials))
    if question.unit:
        return _measured(experiment, question, [float(value) for value in known], len(trials))
    (value, agree), *others = Counter(known).most_common()
    if others and others[0][1] == agree:
        differ = " or ".join(_said(question, value) for value, _ in (Counter(known).most_common()))
        return _answer(experiment, question, f"undecided: {differ}", None, agree, len(trials))
    return _answer(experiment, question, _said(question, value), value, agree, len(trials))


def _measured(experiment: Experiment, question: Question, values: list[float], tried: int) -> Answer:
    middle, lowest, highest = statistics.median(values), min(values), max(values)
    said = _number(middle)
    if _number(lowest) != _number(highest):
        said += f" ({_number(lowest)} to {_number(highest)})"
    return _answer(
        experiment, question, f"{said} {question.unit}", middle, len(values), tried, lowest=lowest, highest=highest
    )


def _answer(
    experiment: Experiment,
    question: Question,
    answer: str,
    value: Value | None,
    agree: int,
    tried: int,
    lowest: float | None = None,
    highest: float | None = None,
) -> Answer:
    return Answer(
        key=question.key,
        experiment=experiment.name,
        asks=question.asks,
        answer=answer,
        value=value,
        agree=agree,
        tried=tried,
        lowest=lowest,
        highest=highest,
        library=question.library,
        option="" if value is None else question.option.get(value, question.option.get("*", "")),
    )


def _why(trials: Sequence[Trial]) -> str:
    troubles = dict.fromkeys(trial.trouble for trial in trials if trial.trouble)
    if troubles:
        return "; ".join(troubles)
    return "nothing was seen that answers it" if trials else "it was not tried"


def _said(question: Question, value: Value) -> str:
    return question.says.get(value, str(value))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
