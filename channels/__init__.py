"""The chat networks, one file or folder each; nothing outside this folder knows a network's client."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from channels.base import Channel
from rules.settings import AccountSettings, Settings

if TYPE_CHECKING:
    from channels.sandbox_world import World


class Secrets(Protocol):
    """What an account logs in with."""

    @property
    def token(self) -> str: ...

    @property
    def ca(self) -> bytes | None: ...


def open_world(settings: Settings, folder: Path, now: Callable[[], int]) -> "World | None":
    """The sandbox's people and rooms, if any account lives there; `now` in UTC ms."""
    if all(account.channel != "sandbox" for account in settings.accounts):
        return None
    from channels.sandbox_world import World

    return World(folder, now)


def build(account: AccountSettings, secrets: Secrets, world: "World | None", now: Callable[[], int]) -> Channel:
    """One account's connection. A network's client is imported only when an account needs it."""
    if account.channel == "sandbox":
        from channels.sandbox import SandboxChannel

        assert world is not None
        return SandboxChannel(account.name, world)
    if account.channel == "wechaty":
        from channels.wechaty_sdk import WechatyChannel

        return WechatyChannel(account.name, account.endpoint, secrets.token, tls=account.tls, ca=secrets.ca, now=now)
    from channels.wechat.channel import WechatChannel

    return WechatChannel(account.name, account.endpoint, secrets.token, tls=account.tls, ca=secrets.ca, now=now)
