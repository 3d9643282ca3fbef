#!/usr/bin/env python3
"""Zhiji 知己: opens the parts of the house in order and closes them in reverse. Nothing else lives here."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.opened import Opened
    from rules.settings import Settings

ROOT = Path(__file__).resolve().parent


@asynccontextmanager
async def open_house(settings: "Settings", beside: Path, folder: Path) -> "AsyncIterator[Opened]":
    """A running house. `beside`: where files named in the settings lie; `folder`: the data."""
    import random

    import channels
    from actions.clock import MovableClock
    from actions.community import Community
    from actions.helpdesk import rephrasing
    from actions.relationship import ruling
    from actions.running import Running
    from cli import config, logs
    from cli.opened import Opened
    from db.database import open_database
    from db.migrate import bring_up_to_date
    from handlers import build_inbox
    from rules.cautions import cautions
    from scheduler import Scheduler
    from templates import Phrases
    from web import Door

    folder.mkdir(parents=True, exist_ok=True)
    url, _ = config.secret_url(settings.database.url, beside)
    secrets = config.account_secrets(settings, beside)
    clock = MovableClock()
    world = channels.open_world(settings, folder, clock.now)
    clock.offset = world.clock_offset if world else 0
    web = config.web_secrets(settings, beside)
    key = config.phrasing_key(settings, beside)
    words = (*config.secret_words(secrets, url, web), *([key] if key else []))
    lines = logs.stream(folder, quiet=world is not None)
    logs.configure(settings.log, lines, words)
    await bring_up_to_date(url, folder, str(clock.now()))

    db = await open_database(url, folder)
    phrases = Phrases(folder / "templates", on_refused=logs.refused_text)
    community = Community(settings, db, phrases, clock, folder, beside)
    rephrasing.use(community, key)
    await ruling.take_up(community)
    if world:
        from cli import demo

        await demo.make(community, world)
    built = {one.name: channels.build(one, secrets[one.name], world, clock.now) for one in settings.accounts}
    running = Running(community, build_inbox(community), built, random.Random())
    scheduler = Scheduler(community)
    door = Door(community, web.keys, web.metrics_token)
    try:
        await running.start()
        await scheduler.start()
        notes = await door.start(settings.web.listen, needed=world is None)
        yield Opened(community, running, scheduler, world, door, (*cautions(settings), *notes))
    finally:
        await door.stop()
        await scheduler.stop()
        await running.stop()
        await db.close()
        logs.let_go(lines)


def main() -> None:
    """Make the environment if need be, then do what the command line says."""
    from cli.bootstrap import bootstrap

    bootstrap(sys.argv[1:])
    if sys.argv[1:2] not in (["test"], ["check"]):  # those write no personal data, and start servers of other users
        os.umask(0o077)  # the data are personal: nobody else on the machine reads them
    from cli.app import run_app

    run_app(ROOT, open_house)


if __name__ == "__main__":
    main()
