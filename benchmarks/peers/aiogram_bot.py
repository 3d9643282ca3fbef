"""aiogram 3 in memory: `feed_update` into a dispatcher with 30 message handlers; a session that answers at once."""

import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.types import Chat, Message, Update, User
from serving import COMMANDS, PEOPLE, ROOMS, serve


class MemorySession(BaseSession):
    """Takes every answer."""

    answered = 0

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        self.answered += 1
        return True

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        yield b""

    async def close(self) -> None: ...


def dispatcher() -> Dispatcher:
    router = Router()
    for number, command in enumerate(COMMANDS):

        @router.message(F.text == command)
        async def answer(message: Message, number: int = number) -> None:
            await message.answer(f"回答{number}")

    made = Dispatcher()
    made.include_router(router)
    return made


async def open_bot() -> Any:
    logging.disable(logging.CRITICAL)
    session = MemorySession()
    bot, found = Bot("1:a", session=session), dispatcher()
    ids = iter(range(10**9))

    async def handle(count: int) -> None:
        now = datetime.now(UTC)
        for _ in range(count):
            number = next(ids)
            message = Message(
                message_id=number,
                date=now,
                chat=Chat(id=-(number % ROOMS) - 1, type="group"),
                from_user=User(id=number % PEOPLE + 1, is_bot=False, first_name="人"),
                text=COMMANDS[number % len(COMMANDS)],
            )
            await found.feed_update(bot, Update(update_id=number, message=message))
        assert session.answered == number + 1

    return handle


if __name__ == "__main__":
    serve(open_bot)
