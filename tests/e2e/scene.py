"""A gateway, the real program on it and its database: what a test on the wire says and looks at."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.gateway.process import Gateway
from tests.running_bot import Bot, read

CHORES = frozenset({"contactAlias", "friendshipAccept", "roomInvitationAccept"})
QUIET_SECONDS = 0.4  # how long a test waits for what must not come, after a later message was answered


class Scene:
    """`scene.ask("wxid_s1c0", "积分")` says it to account 0 and returns the first answer in that conversation."""

    def __init__(self, gateways: Sequence[Gateway], url: str, folder: Path, more: str = "", listen: str = "") -> None:
        self.gateways = list(gateways)
        self.url, self.folder = url, folder
        self.bot = Bot(self.gateways, url, folder, more, listen)

    @property
    def gateway(self) -> Gateway:
        return self.gateways[0]

    @property
    def room(self) -> str:
        """The first room's id."""
        return str(self.gateway.get("/rooms")[0]["id"])

    def member(self, place: int, room: int = 0) -> str:
        """The contact id of one of a room's members who is no account of ours."""
        people = [one for one in self.gateway.get("/rooms")[room]["memberIdList"] if "bot" not in one]
        return str(people[place])

    def name(self, contact: str, account: int = 0) -> str:
        return str(next(one["name"] for one in self.gateway.get("/contacts", account) if one["id"] == contact))

    def said(self, account: int = 0, after: int = 0) -> list[dict[str, Any]]:
        """What the account said (no chores), with seq above `after`."""
        return [one for one in self.gateway.sent(account, after) if one["action"] not in CHORES]

    def mark(self, account: int = 0) -> int:
        """A place in what was sent, for `after`."""
        sent = self.gateway.sent(account)
        return int(sent[-1]["seq"]) if sent else 0

    def ask(self, sender: str, text: str, account: int = 0, **message: Any) -> dict[str, Any]:
        """Say something (`room=` to say it there) and wait for the answer to that conversation."""
        return self.answers(1, sender, account, text=text, **message)[0]

    def answers(self, count: int, sender: str, account: int = 0, to: str = "", **message: Any) -> list[dict[str, Any]]:
        """Deliver any message and wait for `count` messages to its conversation, or to `to`."""
        before = self.mark(account)
        self.gateway.say(account, sender=sender, **message)
        conversation = to or message.get("room", sender)
        return self.wait_for(
            lambda: [one for one in self.said(account, before) if one["conversation"] == conversation],
            count,
            f"for an answer to {str(message)[:200]}",
        )

    def wait_for(self, found: Any, count: int = 1, what: str = "", seconds: float = 20.0) -> list[dict[str, Any]]:
        """What a call finds, once that is `count` things or more."""
        rows: list[dict[str, Any]] = []

        def enough() -> bool:
            rows[:] = found()
            return len(rows) >= count

        try:
            Bot.wait_until(enough, seconds, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\nfound: {rows}\n{self.bot.printed[-3000:]}") from None
        return rows

    def silent(self, sender: str, account: int = 0, **message: Any) -> None:
        """Deliver a message that nobody may answer; a later one in the same conversation proves that it was heard."""
        before = self.mark(account)
        self.gateway.say(account, sender=sender, **message)
        room = {"room": message["room"]} if "room" in message else {}
        fence = self.ask(sender, "积分", account, **room)
        time.sleep(QUIET_SECONDS)
        assert [one["id"] for one in self.said(account, before)] == [fence["id"]]

    def read(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        return read(self.url, self.folder, sql, *args)

    def value(self, sql: str, *args: Any) -> Any:
        rows = self.read(sql, *args)
        return next(iter(rows[0].values())) if rows else None

    def wait_rows(self, sql: str, *args: Any, count: int = 1) -> list[dict[str, Any]]:
        """Rows of the database, once there are enough."""
        return self.wait_for(lambda: self.read(sql, *args), count, f"for {sql}")

    def interactions(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """The interactions of a kind, the oldest first."""
        return self.wait_rows("SELECT * FROM interaction WHERE kind = $1 ORDER BY id", kind, count=count)

    def make_staff(self, contact: str, name: str, account: int = 0, role: str = "owner") -> None:
        """Bind a person of the team as it is done in life: the code of `staff add`, sent privately."""
        done = self.bot.command("staff", "add", name, "--role", role)
        assert done.returncode == 0, done.stderr
        code = done.stdout.partition("：")[2].split()[0]
        assert name in self.ask(contact, code, account)["text"]

    def close(self) -> None:
        if self.bot.alive:
            self.bot.kill()
        for gateway in self.gateways:
            gateway.close()
