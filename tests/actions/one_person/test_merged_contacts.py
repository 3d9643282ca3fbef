"""Contacts of merged members: found as the kept one, remembering whose they were."""

from actions import directory
from actions.talk import identities
from db import meta
from db.database import Tx
from db.talk import people
from rules.messages import Person
from tests.house import NOON, House


async def merge_by_hand(house: House, gone: int, kept: int) -> None:
    async def verb(tx: Tx) -> None:
        await meta.put(tx, "merges", f"{gone}:{kept}")
        await tx.execute("UPDATE member SET merged_into_id = $1 WHERE id = $2", kept, gone)
        await tx.execute("UPDATE identity SET member_id = $1, via_id = $2 WHERE member_id = $2", kept, gone)

    await house.db.write(verb)  # nothing tells the directory: another process might have done it


async def test_what_a_merged_contact_says_is_the_kept_members_at_once(house: House) -> None:
    await house.say("大号", "早")
    await house.say("小号", "早")
    kept, gone = await house.member("大号"), await house.member("小号")
    await merge_by_hand(house, gone, kept)
    await house.say("小号", "我回来了", "甲")
    row = await house.db.one("SELECT member_id, via_id FROM interaction ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert (row["member_id"], row["via_id"]) == (kept, gone)
    await house.say("大号", "我也在", "甲")
    row = await house.db.one("SELECT member_id, via_id FROM interaction ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert (row["member_id"], row["via_id"]) == (kept, None)


async def test_the_code_of_a_merged_member_finds_the_kept_one(house: House) -> None:
    await house.say("大号", "早")
    await house.say("小号", "早")
    kept, gone = await house.member("大号"), await house.member("小号")
    code = await people.code(house.db, gone)
    await merge_by_hand(house, gone, kept)
    await house.relink("小知", login=True)
    account = house.community.directory.by_name["小知"]

    async def verb(tx: Tx) -> None:
        await directory.follow_merges(tx, house.community)
        found = await identities.find(tx, house.community, account, Person("@new", "换号", remark=f"x {code}"), NOON)
        assert (found.member_id, found.via_id) == (kept, gone)
        assert await people.contact_code(tx, found.identity_id) == code

    await house.db.write(verb)
    await house.say("大号", "早")  # the other account of the person has spoken: this one's code still counts
    await house.db.write(lambda tx: tx.execute("UPDATE reach SET spoke_at = $1", NOON * 2))
    before = await house.db.value("SELECT COUNT(*) FROM member")

    async def again(tx: Tx) -> None:
        await tx.execute(
            "UPDATE reach SET spoke_at = NULL WHERE identity_id IN (SELECT id FROM identity WHERE via_id > 0)"
        )
        found = await identities.find(tx, house.community, account, Person("@new2", "换号", remark=f"x {code}"), NOON)
        assert found.via_id == gone

    await house.db.write(again)
    assert await house.db.value("SELECT COUNT(*) FROM member") == before
