"""What waits in the outbox is asked about once more as it leaves: an item that was sold out meanwhile stays."""

import pytest

from actions.speaking import outbox
from rules.content.item import Body
from rules.messages import Outgoing
from rules.times import HOUR
from tests.house import House

ROOM = "早安面包房"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE product SET available = 0", False),
        ("UPDATE content SET state = 'retired'", False),
        ("UPDATE content SET expires_at = 1", False),
        ("UPDATE content SET title = '别的名字'", True),
    ],
)
async def test_an_item_that_may_not_go_out_any_more_stays_with_the_reason(
    house: House, change: str, said: bool
) -> None:
    await house.say("小美", "早", ROOM)
    now, body = house.clock.now(), Body((Outgoing(text="肉桂卷出炉"),)).as_json()
    product_id = await house.db.write(
        lambda tx: tx.insert("INSERT INTO product (shop, ext_id, name, created_at) VALUES ('mall', 'p1', '肉桂卷', 1)")
    )
    content_id = await house.db.write(
        lambda tx: tx.insert(
            "INSERT INTO content (key, kind, title, body, product_id, source, created_at, updated_at)"
            " VALUES ('chat:1', 'product', '肉桂卷', $1, $2, 'chat', 1, 1)",
            body,
            product_id,
        )
    )
    room_id = await house.db.value("SELECT id FROM room")
    await house.db.write(
        lambda tx: outbox.to_room(
            tx, house.community, room_id, Outgoing(text="肉桂卷出炉"), now, purpose="post", key="slot:1:0",
            reason="早安", not_before=now + HOUR, content_id=content_id,
        )
    )  # fmt: skip
    await house.db.write(lambda tx: tx.execute(change))
    before = len(house.sent)
    house.clock.set(now + HOUR)
    await house.settled_now()
    assert [one.text for one in house.sent[before:]] == (["肉桂卷出炉"] if said else [])
    row = await house.db.one("SELECT state, state_reason FROM outbox WHERE key = 'slot:1:0'")
    assert row is not None
    assert row["state"] == ("sent" if said else "dropped")
    assert bool(row["state_reason"]) is not said
