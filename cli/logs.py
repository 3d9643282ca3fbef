"""Logging: key and value lines (or JSON), and never a member's words, a phone number or a token in them."""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

from rules.errors import ZhijiError
from rules.settings import LogSettings

_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def _brief(error: BaseException) -> str:
    """What may be said of an error: our own words stand before a colon, behind it a gateway or member may be quoted."""
    if not isinstance(error, ZhijiError):
        return type(error).__name__
    return f"{type(error).__name__} {re.split('[:：]', str(error))[0][:80]}"


def _frames(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))


class _Plain(logging.Formatter):
    """Lines of packages below us: which of them complains, and where an error was; never its words."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s %(module)s:%(lineno)d")

    def formatException(self, ei: Any) -> str:
        return f"{type(ei[1]).__name__} {_frames(ei[1])}"


class _Scrub:
    """Takes secrets and phone numbers out of every value, and an exception's message out of its traceback.

    A message may quote what a member wrote; where it happened and which kind it is are enough to find the fault.
    """

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= 4]

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        error = event.pop("exc_info", None)
        if error:
            error = error if isinstance(error, BaseException) else sys.exc_info()[1]
        if isinstance(error, BaseException):
            event["exception"] = type(error).__name__
            event["at"] = _frames(error)
        for key, value in event.items():
            if isinstance(value, BaseException):
                event[key] = self._clean(_brief(value))
            elif isinstance(value, str):
                event[key] = self._clean(value)
        return event

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _PHONE.sub(lambda match: f"{match[0][:3]}****{match[0][-4:]}", text)


def configure(settings: LogSettings, stream: TextIO, secrets: tuple[str, ...] = ()) -> None:
    """Send log lines to a stream; standard-library loggers of packages below warning are silent."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Plain())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.json_lines
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Scrub(secrets),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.level.upper())),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def stream(folder: Path, *, quiet: bool) -> TextIO:
    """Where lines go: stderr, or a file in the data folder while the terminal belongs to the sandbox."""
    return (folder / "zhiji.log").open("a", encoding="utf-8") if quiet else sys.stderr


def let_go(stream: TextIO) -> None:
    """The house is closed: its file, too; what is still said goes to stderr."""
    if stream is not sys.stderr:
        configure(LogSettings(), sys.stderr)
        stream.close()


def refused_text(problem: str) -> None:
    """An edited text that can't be used."""
    structlog.get_logger().warning("text refused", problem=problem)
