"""Promise 27: no secret or personal datum in any file but the database, nor in anything that is printed.

Forty marked words go through a run at log level debug in which everything goes wrong that can.
"""

import asyncio
import itertools
import time
from pathlib import Path

import pytest

from db.database import Tx, open_database
from tests.e2e.conftest import Open
from tests.e2e.scene import Scene

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(150)]

MEANT_FOR = ("media", "exports")  # folders that hold what members sent or asked for
PASSWORD = "CanaryDatabasePassword"
LOCKED_SECONDS = 7.0
MORE = """
[log]
level = "debug"
[profile]
per_round = 3
[[profile.fields]]
name = "生日"
question = "生日是哪天？"
kind = "birthday"
[[profile.fields]]
name = "手机"
question = "手机号多少？"
kind = "phone"
[[profile.fields]]
name = "职业"
question = "做什么工作？"
"""


class Canaries:
    """Words that are found nowhere else."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._numbers = itertools.count(100)

    def word(self) -> str:
        return self.keep(f"Canary{next(self._numbers)}Vogel")

    def phone(self) -> str:
        return self.keep(f"13{next(self._numbers)}774{next(self._numbers)}")

    def keep(self, word: str) -> str:
        self.words.append(word)
        return word


@pytest.fixture(scope="module")
def scene(open_scene: Open) -> Scene:
    scene = open_scene(
        *("--accounts", "2", "--contacts", "40", "--rooms", "2", "--seed", "11"),
        *("--token", "CanaryToken"),
        more=MORE,
        start=False,
    )
    if "://postgres:@" in scene.url:
        scene.bot.environment["ZHIJI_TEST_DATABASE_URL"] = scene.url.replace(":@", f":{PASSWORD}@")
    scene.bot.start()
    return scene


def change(scene: Scene, sql: str, *args: object, hold: float = 0.0) -> None:
    """Write to the database from outside, and keep the transaction open for a while."""

    async def verb(tx: Tx) -> None:
        await tx.execute(sql, *args)
        time.sleep(hold)  # noqa: ASYNC251  nothing else runs in this loop

    async def run() -> None:
        database = await open_database(scene.url, scene.folder)
        await database.write(verb)
        await database.close()

    asyncio.run(run())


def test_no_canary_is_found_outside_the_database(scene: Scene) -> None:
    canaries = Canaries()
    word, phone = canaries.word, canaries.phone
    for account in scene.gateway.accounts:
        canaries.keep(account["token"])
    canaries.keep(PASSWORD)
    boss, member = scene.member(0), scene.member(1)
    scene.make_staff(boss, "店长")
    _talk(scene, canaries, boss, member)
    _tell_of_oneself(scene, canaries)
    _faults(scene, canaries)

    locked = canaries.word()
    scene.gateway.say(sender="wxid_s11c30", text="热身")
    asking = "UPDATE activity SET interactions = interactions WHERE member_id > 0"
    _while_locked(scene, asking, lambda: scene.gateway.say(sender="wxid_s11c31", text=f"建议：{locked}"))
    scene.wait_rows("SELECT id FROM interaction WHERE text LIKE $1", f"%{locked}%")
    scene.gateway.post("/event", 0, name="error", payload={"gerror": f'{{"message": "{word()} {phone()}"}}'})
    scene.gateway.post("/event", 0, name="error", payload={"gerror": word()})
    scene.gateway.post("/logout", 1, reason="在别处登录")
    scene.ask("wxid_s11c32", f"我的手机是{phone()}，{word()}")
    while len(canaries.words) < 40:
        scene.gateway.say(sender="wxid_s11c33", text=word())
    scene.ask("wxid_s11c34", "积分")
    doctor = scene.bot.command("doctor")
    assert scene.bot.stop() == 0

    assert found(scene, canaries.words, scene.bot.printed + doctor.stdout + doctor.stderr) == []
    stored = "".join(row["text"] for row in scene.read("SELECT text FROM interaction"))
    assert sum(one in stored for one in canaries.words) > 15, "they did go through"


def found(scene: Scene, words: list[str], printed: str) -> list[tuple[str, str]]:
    places = {"what was printed": printed.encode()}
    for path in scene.folder.rglob("*"):
        inside = path.relative_to(scene.folder)
        if path.is_file() and inside.parts[0] not in MEANT_FOR and not path.name.startswith("zhiji.sqlite3"):
            places[str(inside)] = path.read_bytes()
    forms = {form: word for word in words for form in (word.encode(), ascii(word)[1:-1].encode())}
    return [(word, place) for place, content in places.items() for form, word in forms.items() if form in content]


def _talk(scene: Scene, canaries: Canaries, boss: str, member: str) -> None:
    word, phone = canaries.word, canaries.phone
    room, bot = scene.room, scene.gateway.accounts[0]["selfId"]
    scene.gateway.call("PATCH", "/contacts", id=member, name=canaries.keep("Canary小美"))
    scene.ask(member, f"建议：多放点{word()}")
    scene.ask(member, f"投诉：{word()}，请打{phone()}")
    scene.ask(member, f"@机器人0\u2005{word()}是什么", room=room, mentions=[bot])
    scene.gateway.say(sender=member, text=word(), room=room)
    scene.gateway.say(sender=member, url={"title": word(), "url": f"https://example.com/{word()}", "description": ""})
    scene.gateway.say(sender=member, file={"base64": "aGFsbG8=", "name": f"{word()}.pdf"})
    scene.gateway.post("/contacts", id="wxid_new", name=canaries.keep("CanaryNeu"), friend=False)
    scene.gateway.post("/friendship", **{"from": "wxid_new", "hello": f"{word()} {phone()}"})
    scene.ask(boss, f"发积分 @Canary小美 50 {word()}")
    scene.ask(boss, f"加标签 @Canary小美 {word()}")
    scene.ask(boss, f"发布 {scene.gateway.get('/rooms')[0]['topic']} 明早8点 {word()}")
    scene.ask(boss, "看 @Canary小美")
    scene.ask(member, "我的数据")


def _tell_of_oneself(scene: Scene, canaries: Canaries) -> None:
    scene.ask("wxid_s11c20", "完善资料")
    scene.ask("wxid_s11c20", canaries.keep("1987年3月14日"))
    scene.ask("wxid_s11c20", canaries.phone())
    scene.ask("wxid_s11c20", canaries.word())
    canaries.keep("1987-03-14")
    assert scene.value("SELECT COUNT(*) AS n FROM answer") == 3


def _faults(scene: Scene, canaries: Canaries) -> None:
    """The gateway quotes what it could not send; a handler meets what it can't read; a picture can't be had."""
    word = canaries.word
    for code in (2, 3, 14):
        quote = f"could not send {word()} to {canaries.phone()}"
        scene.gateway.post("/faults", 0, method="messageSendText", times=1, code=code, details=quote)
        scene.gateway.say(sender=f"wxid_s11c{21 + code % 3}", text=f"积分 {word()}")
        scene.ask(f"wxid_s11c{26 + code % 3}", "积分") if code == 2 else time.sleep(0.3)
    scene.gateway.call("DELETE", "/faults")
    scene.ask("wxid_s11c25", "积分")
    change(scene, "UPDATE member SET check_in_day = $1", "Canary-Tag")
    canaries.keep("Canary-Tag")
    scene.gateway.say(sender="wxid_s11c25", text="签到")
    scene.wait_rows("SELECT id FROM trouble")
    change(scene, "UPDATE member SET check_in_day = NULL")
    scene.gateway.post("/faults", 0, method="messageImage", times=9, code=5, details=f"{word()} is gone")
    scene.gateway.post("/faults", 0, method="messageFile", times=9, code=5, details=f"{word()} is gone")
    scene.gateway.say(sender="wxid_s11c25", file={"base64": "aGFsbG8=", "name": f"{word()}.png"})
    scene.wait_rows("SELECT id FROM media WHERE failed_at IS NOT NULL")
    scene.gateway.call("DELETE", "/faults")
    scene.gateway.post("/faults", 0, method="messagePayload", times=1, code=5, details=word())
    scene.gateway.say(sender="wxid_s11c25", text=word())
    scene.ask("wxid_s11c25", "积分")


def _while_locked(scene: Scene, sql: str, act: object) -> None:
    import threading

    assert callable(act)
    lock = threading.Thread(target=change, args=(scene, sql), kwargs={"hold": LOCKED_SECONDS})
    lock.start()
    time.sleep(0.5)
    act()
    lock.join()


def test_the_search_does_find_what_lies_about(scene: Scene, tmp_path: Path) -> None:
    (scene.folder / "left.log").write_text("1 Canary\n", "utf-8")
    try:
        assert found(scene, ["Canary"], "Canary") == [("Canary", "what was printed"), ("Canary", "left.log")]
    finally:
        (scene.folder / "left.log").unlink()
