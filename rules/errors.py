"""Every error that the product raises on purpose, in one tree.

ZhijiError                      says what went wrong, with which value, and what to do next
├── SettingsError               the configuration can't be used; the program does not start
├── RefusedError                a member or staff member asked for what the rules refuse
│   ├── InsufficientPointsError a balance would fall below its floor
│   ├── AmbiguousNameError      a name fits several people
│   └── ConditionError          a condition of a segment or tag rule can't be understood
├── SourceReusedError           one source key was used for two different transfers of points
├── TemplateError               a text that staff edited can't be rendered
├── ContentError                a file of the library can't be used
├── StorageError                the database can't be used just now
│   └── ContentionError         two transactions stood in each other's way; one of them was taken back
└── ChannelError                a chat network did not do what it was asked
    └── SendError               a message was not sent, or nobody knows whether it was
"""

from typing import Literal


class ZhijiError(Exception):
    """Base of all errors raised on purpose. `permanent`: trying the same again can't help."""

    permanent = True


class SettingsError(ZhijiError):
    """A key, value or file of the configuration is wrong; the text names file, line, key, value and the mend."""


class RefusedError(ZhijiError):
    """The rules refuse; the text may be shown to the person who asked."""


class InsufficientPointsError(RefusedError):
    """A transfer would take a balance below its floor."""


class AmbiguousNameError(RefusedError):
    """A name fits several people; `candidates` are (member id, description) pairs to ask about `wanted` with."""

    def __init__(self, message: str, candidates: list[tuple[int, str]], wanted: str = "") -> None:
        super().__init__(message)
        self.candidates = candidates
        self.wanted = wanted


class ConditionError(RefusedError):
    """A condition can't be understood; the text says where (`column`, from 1) and what can be written there."""

    def __init__(self, problem: str, column: int = 0, text: str = "") -> None:
        near = f"第 {column} 个字「{text[column - 1 : column + 7]}」" if 0 < column <= len(text) else "末尾"
        super().__init__(f"{near}：{problem}" if text else problem)
        self.problem = problem
        self.column = column


class SourceReusedError(ZhijiError):
    """A source key names one transfer; another one came under the same key, and nothing was moved."""


class TemplateError(ZhijiError):
    """A template is refused; the text names the file, the line and the reason."""


class ContentError(ZhijiError):
    """A file of the library is wrong; the text names the file, the line or field, the value and the mend."""


class StorageError(ZhijiError):
    """The database is locked, full or away; nothing of the transaction was kept.

    `permanent`: one value in it can't be read, and never will be.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class ContentionError(StorageError):
    """Two transactions stood in each other's way: nothing of this one was kept, and it may be tried at once."""


class ChannelError(ZhijiError):
    """A chat network refused or is away."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class SendError(ChannelError):
    """A message was not delivered (`delivered="no"`), or that is unknown (`"unknown"`, never sent blindly again).

    `throttled`: the network says, or smells of saying, that this account sends too much.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        delivered: Literal["no", "unknown"] = "no",
        throttled: bool = False,
    ) -> None:
        super().__init__(message, permanent=permanent)
        self.delivered = delivered
        self.throttled = throttled
