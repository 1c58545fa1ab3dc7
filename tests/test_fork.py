"""A process that is forked at the worst moment, as servers do that load the app first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gemini_live_interrupt._switch import Switch

PROGRAM = """
import os, signal, threading
from gemini_live_interrupt import disable_interrupt_resume, enable_interrupt_resume
from gemini_live_interrupt._sessions import switch

enable_interrupt_resume()
held, done = threading.Event(), threading.Event()

def hold():
    with switch.lock:
        held.set()
        done.wait()

threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if not child:
    signal.alarm(20)  # a child that waits for a lock that nobody will give back
    enable_interrupt_resume(max_history=1)
    disable_interrupt_resume()
    os._exit(0 if switch.settings is None else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done.set()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_while_another_thread_holds_the_switch_can_enable_and_disable() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.stdout == "0\n", done.stderr


def test_where_there_are_no_forks_nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "register_at_fork", raising=False)
    switch = Switch()
    switch.survive_forks()
    lock = switch.lock
    switch._renew_lock()
    assert switch.lock is not lock
