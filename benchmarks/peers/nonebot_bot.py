"""nonebot2 in memory: `handle_event` with 30 full-match message matchers; an adapter that answers at once."""

from typing import Any

import nonebot
from nonebot.adapters import Adapter, Bot, Event, Message, MessageSegment
from nonebot.drivers import Driver
from nonebot.log import logger
from nonebot.message import handle_event
from serving import COMMANDS, PEOPLE, ROOMS, serve


class Segment(MessageSegment["Text"]):
    """Plain text."""

    @classmethod
    def get_message_class(cls) -> type["Text"]:
        return Text

    def __str__(self) -> str:
        return str(self.data["text"])

    def is_text(self) -> bool:
        return True


class Text(Message[Segment]):
    """A message of one plain text."""

    @classmethod
    def get_segment_class(cls) -> type[Segment]:
        return Segment

    @staticmethod
    def _construct(msg: str) -> Any:
        yield Segment("text", {"text": msg})


class Said(Event):
    """Somebody says something in a room."""

    text: str
    person: str
    room: str

    def get_type(self) -> str:
        return "message"

    def get_event_name(self) -> str:
        return "said"

    def get_event_description(self) -> str:
        return self.text

    def get_user_id(self) -> str:
        return self.person

    def get_session_id(self) -> str:
        return f"{self.room}_{self.person}"

    def get_message(self) -> Text:
        return Text(self.text)

    def is_tome(self) -> bool:
        return False


class MemoryBot(Bot):
    """Takes every answer."""

    answered = 0

    async def send(self, event: Event, message: Any, **kwargs: Any) -> Any:
        MemoryBot.answered += 1
        return True


class MemoryAdapter(Adapter):
    @classmethod
    def get_name(cls) -> str:
        return "memory"

    async def _call_api(self, bot: Bot, api: str, **data: Any) -> Any:
        return True


async def open_bot() -> Any:
    logger.remove()  # it writes to standard output
    nonebot.init(driver="~none")
    driver: Driver = nonebot.get_driver()
    for number, command in enumerate(COMMANDS):
        matcher = nonebot.on_fullmatch(command, block=True)

        @matcher.handle()
        async def answer(matcher: Any = matcher, number: int = number) -> None:
            await matcher.finish(f"回答{number}")

    bot = MemoryBot(MemoryAdapter(driver), "bot")
    ids = iter(range(10**9))

    async def handle(count: int) -> None:
        for _ in range(count):
            number = next(ids)
            event = Said(
                text=COMMANDS[number % len(COMMANDS)],
                person=f"wxid_{number % PEOPLE}",
                room=f"r{number % ROOMS}@chatroom",
            )
            await handle_event(bot, event)
        assert MemoryBot.answered == number + 1

    return handle


if __name__ == "__main__":
    serve(open_bot)
