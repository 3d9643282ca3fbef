"""Running without a terminal of its own: shows QR codes and the state of the accounts until a signal comes."""

import asyncio
import signal

import segno
import typer

from channels.base import Link
from cli.language import say
from cli.opened import Opened
from db import accounts

STATES = {
    Link.CONNECTING: ("正在连接", "connecting"),
    Link.SCAN: ("请用手机微信扫码登录", "scan this with WeChat on the phone"),
    Link.ONLINE: ("已上线", "online"),
    Link.LOGGED_OUT: ("已退出登录", "logged out"),
    Link.LOST: ("连接断了，正在重连", "connection lost, trying again"),
    Link.REFUSED: ("网关拒绝了连接", "refused by the gateway"),
}


async def until_stopped(house: Opened) -> int:
    """Stay until SIGINT or SIGTERM; then the exit code."""
    house.community.show_link = lambda account, state, detail: show_link(house, account, state, detail)
    details = {row["id"]: row["link_detail"] for row in await accounts.everything(house.community.db)}
    for entry in house.community.directory.accounts.values():  # a code may have come before anybody looked
        show_link(house, entry.name, entry.link, details[entry.id] if entry.link is Link.SCAN else "")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    typer.echo(say("知己已启动，按 Ctrl+C 停止。", "Zhiji is running; Ctrl+C stops it."))
    await stop.wait()
    typer.echo(say("正在停止……", "Stopping ..."))
    return 0


def show_link(house: Opened, account: str, state: Link, detail: str) -> None:
    """One line for a change; a QR code as blocks, and as a picture in the data folder."""
    zh, en = STATES[state]
    typer.echo(f"{account}：{say(zh, en)}" + (f"（{detail}）" if detail and state is not Link.SCAN else ""))
    if state is Link.SCAN and detail:
        try:
            code = segno.make(detail, micro=False)
        except ValueError:  # longer than any QR code
            return
        folder = house.community.folder / "qr"
        folder.mkdir(exist_ok=True)
        picture = folder / f"{account.replace('/', '_')}.png"
        code.save(str(picture), scale=8, border=4)
        code.terminal(compact=True)
        typer.echo(say(f"二维码也存在 {picture}", f"The code is also in {picture}"))
