"""排行榜: who talked most in a room this week."""

from datetime import timedelta

from actions import questions
from db.talk import interactions, rooms
from handlers.router import Ask, Router
from rules.text import fold
from rules.times import business_day

router = Router()

SHOWN = 10
COUNTED = 500  # how far down one's own place is looked for
MOST_ROOMS = 9
WORDS = (
    "排行榜", "排行", "活跃榜", "活跃排行", "活跃排行榜", "活跃排名", "活跃度排行", "活跃度排名", "榜单", "群排行",
    "群排行榜", "群活跃榜", "群排名", "本群排行榜", "本周排行", "本周排行榜", "本周活跃榜", "本周榜单", "本周排名",
    "这周排行榜", "周榜", "周排行", "周排行榜", "发言排行", "发言排行榜", "发言榜", "发言排名", "聊天排行榜",
    "话痨榜", "谁最活跃", "谁发言最多", "谁最能聊", "我排第几", "我排名第几", "我排几", "我的排名", "我的名次",
    "我在群里排第几", "龙虎榜",
)  # fmt: skip
LOOSE = (
    "排名", "第几名", "我第几名", "我第几", "ranking", "top",
)  # fmt: skip


@router.command(*WORDS)
async def ranking(ask: Ask) -> None:
    if ask.heard.room:
        await _show(ask, ask.heard.room.id)
        return
    theirs = (await rooms.of_member(ask.tx, ask.member_id))[:MOST_ROOMS]
    if not theirs:
        ask.say("points/ranking_no_room")
    elif len(theirs) == 1:
        await _show(ask, theirs[0]["id"])
    else:
        data = {"rooms": [row["id"] for row in theirs]}
        await questions.ask(ask.tx, ask.community, ask.member_id, ask.heard.scope, "ranking", data, ask.now)
        ask.say("points/ranking_which", rooms=[row["topic"] for row in theirs])


router.command(*LOOSE, addressed=True)(ranking)


@router.answer("ranking", words=(*map(str, range(1, MOST_ROOMS + 1)), "取消"))
async def chosen(ask: Ask) -> None:
    word, choices = fold(ask.typed), ask.waited["rooms"]
    if word.isdigit() and int(word) > len(choices):
        ask.say("points/ranking_out_of", number=len(choices))
        return
    await questions.done(ask.tx, ask.community, ask.member_id, ask.heard.scope)
    if word.isdigit():
        await _show(ask, choices[int(word) - 1])
    else:
        ask.say("points/left", called=ask.called)


async def _show(ask: Ask, room_id: int) -> None:
    today = business_day(ask.now, ask.community.settings.zone)
    monday = today - timedelta(days=today.weekday())
    rows = await interactions.ranking(ask.tx, room_id, int(f"{monday:%Y%m%d}"), COUNTED)
    place = next((place for place, row in enumerate(rows, 1) if row["member_id"] == ask.member_id), 0)
    ask.say(
        "points/ranking",
        called=ask.called,
        room=ask.community.directory.rooms_by_id[room_id].topic,
        people=[{"name": row["name"], "messages": int(row["messages"])} for row in rows[:SHOWN]],
        place=place,
        mine=int(rows[place - 1]["messages"]) if place else 0,
    )
