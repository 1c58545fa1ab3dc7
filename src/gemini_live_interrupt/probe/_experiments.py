"""All experiments, in the order in which they are run."""

from __future__ import annotations

from ._counting import COUNTED
from ._experiment import Experiment
from ._messages import MESSAGES
from ._noises import NOISES
from ._resumed import RESUMED
from ._rules import RULES
from ._running import RUNNING
from ._told import TOLD
from ._typed import TYPED
from ._word_times import TIMED

EXPERIMENTS: tuple[Experiment, ...] = (
    *TOLD,
    *RULES,
    *COUNTED,
    *RUNNING,
    *TYPED,
    *RESUMED,
    *NOISES,
    *MESSAGES,
    *TIMED,
)
BY_NAME = {experiment.name: experiment for experiment in EXPERIMENTS}
