"""The tap on `AsyncLive.connect`: what is agreed with the service is known from the start.

An audio session that asks for no transcription would leave the library nothing to go by. With `transcription=True` it
asks for both, in a copy of the app's configuration; if the service refuses that, the app is connected as it asked.
"""

from __future__ import annotations

import logging
from typing import Any

import wrapt

from . import _sessions
from ._agreement import Agreement, lacks, read_agreement, with_instruction, with_transcription
from ._delivery import NO_TRANSCRIPTION
from ._prompt import interruption_rules
from ._settings import SessionOptions, Settings, check_options

ADDED = (
    "a session asked for no transcription of what is said, which interruptions are described with, so it was asked "
    "for; enable_interrupt_resume(transcription=False) leaves configurations as they are"
)
REFUSED = (
    "the service refused a session with what was added to its configuration, so it was connected as the app had asked"
)


class Connecting(wrapt.ObjectProxy):  # type: ignore[type-arg]  # not to be subscripted in wrapt 1
    """The SDK's context manager for one connection, in which the session is looked at before the app gets it."""

    def __init__(self, wrapped: Any, connect: Any, settings: Settings, model: Any, config: Any) -> None:
        super().__init__(wrapped)
        self._self_connect = connect
        self._self_settings = settings
        self._self_model = model
        self._self_config = config

    async def __aenter__(self) -> Any:
        settings, model, config = self._self_settings, self._self_model, self._self_config
        try:
            options = _options_of(settings, model, config)
            agreement = read_agreement(model, config)
            more = _with_more(settings, options, agreement, config)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the app
            _sessions.switch.log_once("a connect could not be followed; it goes on as the app asked", error=error)
            return await self.__wrapped__.__aenter__()
        session = None
        if more is not None:
            session = await self._enter_with(more)
        if session is not None:
            agreement = read_agreement(model, more)
        else:
            session = await self.__wrapped__.__aenter__()
            if more is not None:
                _sessions.switch.log_once(REFUSED, level=logging.WARNING)
        _look_at(session, settings, agreement, options)
        _hand_over(session, settings, model, config)
        return session

    async def __aexit__(self, *error: object) -> Any:
        return await self.__wrapped__.__aexit__(*error)

    async def _enter_with(self, config: Any) -> Any:
        """Connect with another configuration; return `None` if that is refused."""
        from google.genai import errors

        try:
            manager = self._self_connect(config)
            session = await manager.__aenter__()
        except (errors.APIError, ValueError):  # the app gets what becomes of its own configuration
            return None
        self.__wrapped__ = manager
        return session


def _options_of(settings: Settings, model: Any, config: Any) -> SessionOptions:
    """Ask the app for the options of a session."""
    if settings.for_session is None:
        return {}
    try:
        return check_options(settings.for_session(model, config) or {})
    except Exception as error:  # noqa: BLE001 - the app's function must not hurt the connect
        _sessions.switch.log_once("for_session failed; the session has no options of its own", error=error)
        return {}


def _with_more(settings: Settings, options: SessionOptions, agreement: Agreement, config: Any) -> Any:
    """Return a configuration that asks for what is missing; `None` if nothing is, or nothing is to be added."""
    if not options.get("enabled", agreement.can_be_interrupted):
        return None
    more = _with_words(settings, agreement, config)
    if options.get("rules", settings.rules) == "system" and not agreement.has_rules:
        more = with_instruction(config if more is None else more, interruption_rules())
    return more


def _with_words(settings: Settings, agreement: Agreement, config: Any) -> Any:
    if not agreement.speaks or not lacks(config):
        return None
    if not settings.transcription:
        if not agreement.transcribes:
            _sessions.switch.log_once(NO_TRANSCRIPTION, level=logging.WARNING)
        return None
    more = with_transcription(config)
    _sessions.switch.log_once(ADDED, level=logging.INFO)
    return more


def _look_at(session: Any, settings: Settings, agreement: Agreement, options: SessionOptions) -> None:
    try:
        if _sessions.switch.settings is settings:
            _sessions.connected(session, settings, agreement, options)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the app
        _sessions.switch.log_once("a new session could not be followed; the app has got it all the same", error=error)


def _hand_over(session: Any, settings: Settings, model: Any, config: Any) -> None:
    if settings.on_session is None:
        return
    try:
        settings.on_session(session, model, config)
    except Exception as error:  # noqa: BLE001 - the app's function must not hurt the connect
        _sessions.switch.log_once("on_session raised; the session goes on", error=error)
