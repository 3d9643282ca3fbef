"""Telling our own echoes from a person's words: what this process has sent to whom in the last minutes.

An account's own messages come back as events, before or after the answer to the send that made them. What came back
and is none of these was typed by a person into the account's phone.
"""

from collections import OrderedDict
from dataclasses import dataclass

from actions.community import Community
from rules.messages import Act, Event, Kind, Outgoing

WINDOW = 2 * 60_000  # ms between a send and its echo, by either clock
KEPT = 30 * 60_000  # an echo can be late, but bears the time of its message
MOST = 10_000  # conversations remembered
MEMORY = "echoes"


def same(content: Outgoing, event: Event) -> bool:
    """Whether an echoed message is what somebody wanted to say; a mention's names stand before the text."""
    if content.act is Act.TEXT:
        said, wanted = event.text.strip(), content.text.strip()
        return event.kind is Kind.TEXT and (said == wanted or bool(content.mentions and said.endswith(wanted)))
    return content.act.value == event.kind.value and content.title == event.data.get("title", content.title)


@dataclass(slots=True)
class Said:
    """One thing that was sent. `ids`: of the answer and of the echo, once they are known."""

    at: int
    content: Outgoing
    answer_id: str = ""
    echo_id: str = ""


class Echoes:
    """What was said lately, by account and conversation."""

    def __init__(self) -> None:
        self._since: dict[str, int] = {}
        self._said: OrderedDict[tuple[str, str], list[Said]] = OrderedDict()

    def begin(self, account: str, now: int) -> None:
        """From now on this process sends for an account, perhaps after another one that ended just now."""
        self._since[account] = now

    def since(self, account: str, now: int) -> int:
        """What was sent before is not known here."""
        return self._since.get(account, now)

    def saying(self, account: str, conversation: str, content: Outgoing, now: int) -> Said:
        """Called before the network is asked: an echo may come before its answer."""
        key, said = (account, conversation), Said(now, content)
        self._said[key] = [one for one in self._said.get(key, ()) if now - one.at <= KEPT] + [said]
        self._said.move_to_end(key)
        while len(self._said) > MOST:
            self._said.popitem(last=False)
        return said

    def ours(self, conversation: str, event: Event, now: int) -> bool:
        """Whether an own message is one of these; each comes back once, perhaps several times by one id."""
        there = self._said.get((event.account, conversation), ())
        if any(event.id in (one.answer_id, one.echo_id) for one in there):
            return True
        for one in there:
            near = min(abs(now - one.at), abs(event.at - one.at)) <= WINDOW
            if near and not one.echo_id and same(one.content, event):
                one.echo_id = event.id
                return True
        return False


def of(community: Community) -> Echoes:
    found = community.memory.get(MEMORY)
    if found is None:
        found = community.memory[MEMORY] = Echoes()
    assert isinstance(found, Echoes)
    return found
