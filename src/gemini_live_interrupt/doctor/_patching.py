"""Whether the installed SDK can be patched, and is left as it was found."""

from __future__ import annotations

from .. import disable_interrupt_resume, enable_interrupt_resume
from .._patch import receive_of
from ._finding import Finding


def check_patch(session_class: object) -> Finding:
    """Switch the library on and off; it is off afterwards."""
    disable_interrupt_resume()
    before = receive_of(session_class)
    try:
        enable_interrupt_resume()
    except Exception as error:  # noqa: BLE001 - whatever a class does to those who patch it, it is what is asked for
        said = str(error) if isinstance(error, RuntimeError) else f"it raised {type(error).__name__}: {error}"
        return _failed(f"enable_interrupt_resume() fails: {said}.", "Nothing of the library works without it.")
    finally:
        disable_interrupt_resume()
    if receive_of(session_class) is not before:
        found = "After disable_interrupt_resume() AsyncSession._receive is not what it was."
        return _failed(found, "Somebody changes what is put on the class, so that the library cannot step off.")
    return Finding(
        check="patch",
        level="ok",
        about="AsyncSession._receive",
        found="AsyncSession._receive can be wrapped, and is what it was when the library is switched off.",
    )


def _failed(found: str, why: str) -> Finding:
    do = "Install a supported google-genai; if it is one, somebody else has replaced or changed AsyncSession."
    return Finding(check="patch", level="error", about="AsyncSession._receive", found=found, why=why, do=do)
