"""The report of a campaign: its sums are its audience, both sides are compared fairly, and it is told once."""

import asyncio
import json
import random
from dataclasses import replace

from actions.effects import campaign_report
from actions.effects.campaign_report import finish_due, report
from tests.actions.effects.scene import DAYS, HOURS, Scene


async def crowd(scene: Scene, count: int) -> list[int]:
    """Members nobody has spoken with."""
    before = await scene.house.db.value("SELECT MAX(id) FROM member")
    rows = [(f"T{number}", f"会员{number}", scene.start - DAYS) for number in range(count)]
    await scene.house.db.write(
        lambda tx: tx.many("INSERT INTO member (code, name, created_at) VALUES ($1, $2, $3)", rows)
    )
    return [row["id"] for row in await scene.house.db.all("SELECT id FROM member WHERE id > $1 ORDER BY id", before)]


async def bought(scene: Scene, members: list[int], at: int, fen: int) -> None:
    """Orders of many, straight into the table."""
    moment = scene.start + at
    rows = [("mall", f"Q{one}-{at}", one, moment, (moment + 8 * HOURS) // DAYS, fen, moment) for one in members]
    await scene.house.db.write(
        lambda tx: tx.many(
            "INSERT INTO shop_order (shop, ext_id, member_id, paid_at, day, amount, stands, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, 1, $7)",
            rows,
        )
    )


async def test_everybody_is_in_one_of_its_sums_and_every_reason_is_said(scene: Scene) -> None:
    people = await crowd(scene, 16)
    campaign_id, _ = await scene.campaign(audience="tag('宝妈')")
    states = [
        ("queued", "sent", ""), ("queued", "sent", ""), ("queued", "unconfirmed", "超时"), ("queued", "due", ""),
        ("queued", "dropped", "已退订"), ("queued", "failed", ""), ("planned", "", ""), ("waiting", "", "away"),
        ("task", "", "hand"), ("excluded", "", "complaint"), ("excluded", "", "complaint"), ("excluded", "", "minor"),
        ("holdout", "", "holdout"), ("holdout", "", "holdout"), ("excluded", "", "{{ 7*7 }}<b>"), ("excluded", "", ""),
    ]  # fmt: skip
    for member_id, (state, sent, reason) in zip(people, states, strict=True):
        outbox_id = await scene.sent(member_id, state=sent, state_reason=reason) if sent else None
        await scene.insert(
            "campaign_person", campaign_id=campaign_id, member_id=member_id, state=state, outbox_id=outbox_id,
            reason="" if sent else reason, at=scene.start,
        )  # fmt: skip
    one = await report(scene.house.community, campaign_id, scene.start)
    assert one is not None
    assert one.total == len(states)
    assert one.became == {"送达": 2, "发了，送没送到不确定": 1, "还没轮到": 2, "等同事自己发": 1, "等账号恢复": 1}
    assert one.excluded == {"有投诉还没处理": 2, "已退订": 1, "没发成功": 1, "未成年": 1, "{{ 7*7 }}<b>": 1, "没发": 1}
    assert (one.held_out, one.final, one.meant.people, one.reached.people) == (2, False, 9, 3)
    text = campaign_report.in_words(scene.house.community, one, scene.start)
    for part in ("tag('宝妈')，一共 16 人", "送达 2 人", "有投诉还没处理 2 人", "留作对照 2 人", "{{ 7*7 }}<b> 1 人"):
        assert part in text
    assert "49" not in text
    assert "人太少，说不准" in text


async def test_both_sides_are_all_whom_the_lot_gave_them_over_the_same_days(scene: Scene) -> None:
    """Those it did not reach count, too, and so do those who were excluded after the lot."""
    people = await crowd(scene, 700)
    campaign_id, _ = await scene.campaign()
    reached, missed, later, before, held = people[:400], people[400:450], people[450:500], people[500:600], people[600:]
    await scene.execute(
        "INSERT INTO outbox (account_id, member_id, purpose, content, attention, state, created_at, not_before,"
        " claimed_at, sent_at) SELECT 1, id, 'marketing', '{}', 'offer', 'sent', $1, $1, $1, $1 FROM member"
        " WHERE id >= $2 AND id <= $3",
        scene.start, reached[0], reached[-1],
    )  # fmt: skip
    await scene.execute(
        "INSERT INTO campaign_person (campaign_id, member_id, state, at, outbox_id)"
        " SELECT $1, member_id, 'queued', $2, id FROM outbox WHERE attention = 'offer'",
        campaign_id, scene.start,
    )  # fmt: skip
    for group, state, at in ((missed, "planned", 0), (later, "excluded", HOURS), (before, "excluded", 0),
                             (held, "holdout", 0)):  # fmt: skip
        rows = [(campaign_id, one, state, scene.start + at) for one in group]
        sql = "INSERT INTO campaign_person (campaign_id, member_id, state, at) VALUES ($1, $2, $3, $4)"
        await scene.house.db.write(lambda tx, rows=rows, sql=sql: tx.many(sql, rows))  # type: ignore[misc]
    await bought(scene, reached[:60] + missed[:5] + later[:5] + before[:50] + held[:3], DAYS, 2000)
    await bought(scene, reached[:30], 2 * DAYS, 1000)  # a second order is no second buyer
    await bought(scene, people, -1, 100)  # before it began
    await bought(scene, people, 7 * DAYS, 100)  # after it was over
    one = await report(scene.house.community, campaign_id, scene.start + 8 * DAYS)
    assert one is not None
    assert (one.meant.people, one.meant.buyers, one.meant.money) == (500, 70, 70 * 2000 + 30 * 1000)
    assert (one.reached.people, one.reached.buyers) == (400, 60)
    assert (one.other.people, one.other.buyers, one.other.money) == (100, 3, 6000)
    assert one.meant.squares == 30 * 3000.0**2 + 40 * 2000.0**2
    assert one.added.buyers.value == 500 * (70 / 500 - 3 / 100)
    assert one.added.buyers.low > 0
    text = campaign_report.in_words(scene.house.community, one, scene.start)
    assert "下单：多带来约 55 单（95% 可能在" in text
    assert "60 人下单 1,500 元" in text


async def test_what_followed_is_counted_from_when_each_got_it(scene: Scene) -> None:
    mei, li, qiang = await scene.people("小美", "李姐", "阿强")
    campaign_id, _ = await scene.campaign()
    for member_id in (mei, li, qiang):
        await scene.person(campaign_id, member_id, HOURS)
    await scene.says("小美", HOURS // 2)  # before she got it
    await scene.says("李姐", 2 * HOURS)
    await scene.says("阿强", 3 * HOURS, "退订")
    await scene.says("小美", 26 * HOURS, "投诉：太打扰了")
    await scene.opens(2 * HOURS, member_id=li, campaign_id=campaign_id)
    await scene.opens(2 * HOURS, member_id=qiang, product_id=5)  # another link
    one = await report(scene.house.community, campaign_id, scene.start + 9 * DAYS)
    assert one is not None
    assert (one.answered, one.opened, one.opted_out, one.complained) == (2, 1, 1, 1)


async def test_a_report_is_kept_and_told_once_when_the_window_is_over(scene: Scene) -> None:
    house = scene.house
    await house.make_staff("店长")
    await house.make_staff("同事", "operator")
    staff_id = await house.db.value("SELECT id FROM staff WHERE name = '店长'")
    mei, li = await scene.people("小美", "李姐")
    campaign_id, _ = await scene.campaign(staff_id=staff_id)
    await scene.person(campaign_id, mei, DAYS)
    await scene.person(campaign_id, li, None)
    community = house.community
    assert await finish_due(community, scene.start + 20 * DAYS) == ""  # it runs still
    await scene.execute("UPDATE campaign SET state = 'finished', state_at = $1", scene.start + DAYS)
    assert await finish_due(community, scene.start + 8 * DAYS - 1) == ""
    house.clock.set(scene.start + 8 * DAYS)
    del house.sent[:]
    done = await asyncio.gather(*(finish_due(community, scene.start + 8 * DAYS) for _ in range(3)))
    assert sorted(done) == ["", "", "1 次群发有了结果"]
    assert await finish_due(community, scene.start + 9 * DAYS) == ""
    await house.settled_now()
    (told,) = house.sent
    assert told.to == "wx:店长"
    assert told.text.startswith(f"群发 {campaign_id}「秋天」的结果")
    kept = json.loads(await house.db.value("SELECT report FROM campaign"))
    assert (kept["total"], kept["held_out"], kept["final"]) == (2, 1, True)


async def test_whoever_started_it_has_left_the_team_everybody_of_it_is_told(scene: Scene) -> None:
    house = scene.house
    for name in ("店长", "同事"):
        await house.make_staff(name)
    (mei,) = await scene.people("小美")
    campaign_id, _ = await scene.campaign(staff_id=999, state="stopped")
    await scene.person(campaign_id, mei)
    house.clock.set(scene.start + 8 * DAYS)
    del house.sent[:]
    await finish_due(house.community, scene.start + 8 * DAYS)
    await house.settled_now()
    assert {one.to for one in house.sent} == {"wx:店长", "wx:同事"}


def test_chance_alone_is_called_a_success_no_oftener_than_it_should() -> None:
    """Campaigns that do nothing: at most 4 in 100 are told as having brought orders (2.5 are meant to be)."""
    from rules.effects.holdout import Side, added

    chance, told = random.Random(3), 0
    for _ in range(2000):
        buyers = [sum(chance.random() < 0.06 for _ in range(n)) for n in (450, 50)]
        one = added(Side(450, buyers[0], buyers[0], buyers[0]), Side(50, buyers[1], buyers[1], buyers[1]))
        told += one.buyers.low > 0
    assert told / 2000 < 0.04
    assert replace(one, held_out=5).too_few
