"""账号: how our accounts stand, with the QR code of one that waits for its login; 恢复发送 closes the breaker."""

from actions import audit, staff
from actions.briefs import overview
from actions.speaking import breaker
from actions.talk import qr
from channels.base import Link
from db import accounts
from handlers.router import Ask, Router
from handlers.staff import desk
from rules.errors import RefusedError
from rules.messages import Act, Outgoing
from rules.names import find_by_name

router = Router()


@router.command("账号", "账号状态", staff=True)
@router.command("帐号", "查账号", "二维码", "登录", staff=True, addressed=True)
async def states(ask: Ask) -> None:
    person = await desk.who(ask, desk.LOOK)
    if person is None:
        return
    await audit.record(ask.tx, audit.actor_of(person.id), "accounts", "", "", ask.now)
    lines = await overview.account_lines(ask.tx, ask.community, ask.now)
    ask.say_privately("staff/accounts", lines=lines)
    desk.sent_privately(ask)
    if not staff.may(person.role, desk.WORK):
        return  # whoever has the code can log the account in
    for entry in ask.community.directory.accounts.values():
        row = await accounts.by_id(ask.tx, entry.id)
        if entry.link in (Link.SCAN, Link.LOGGED_OUT) and row is not None and row["link_detail"]:
            path = qr.picture(ask.community, entry.id, row["link_detail"])
            ask.say_privately("staff/scan", account=entry.name)
            ask.send(Outgoing(act=Act.IMAGE, path=path), privately=True)


@router.pattern(r"恢复发送\s*(?P<account>.*)", staff=True)
async def resume(ask: Ask) -> None:
    person = await desk.who(ask, desk.WORK)
    if person is None:
        return
    names = ask.community.directory.by_name
    every = [(entry.id, (entry.name, entry.nickname)) for entry in names.values()]
    found = find_by_name(ask.words["account"].strip("「」"), every)
    if len(found) != 1:
        raise RefusedError("要恢复哪个账号？" + "、".join(f"「恢复发送 {name}」" for name in names))
    entry = ask.community.directory.accounts[found[0]]
    row = await accounts.by_id(ask.tx, entry.id)
    if row is None or not row["stopped_until"] or row["stopped_until"] <= ask.now:
        ask.say("staff/not_stopped", called=ask.called, account=entry.name)
        return
    await breaker.resume(ask.tx, ask.community, entry.id)
    await audit.record(ask.tx, audit.actor_of(person.id), "account.resume", f"account:{entry.id}", "", ask.now)
    ask.say("staff/sending_again", called=ask.called, account=entry.name)
