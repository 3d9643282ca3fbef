"""What nobody understood: a helpful line in a private chat, once and not each time."""

from handlers.router import Ask


async def fallback(ask: Ask) -> None:
    """Filled in with the help texts."""
