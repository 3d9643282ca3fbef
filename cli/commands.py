"""What one can type at the sandbox's terminal beside plain messages: the table of commands, each a few lines."""

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from cli.clock import ahead, moment, wanted_moment
from cli.language import say
from cli.lines import line_of
from cli.picture import sample_picture
from cli.player import Player
from rules.errors import RefusedError
from rules.near import near_miss

SHOWN = 12  # messages of /history

Run = Callable[[Player, str], Awaitable[None]]


class Quit(Exception):
    """Somebody wants to leave."""


@dataclass(frozen=True, slots=True)
class Command:
    """`names`: the first is the one that help shows. `takes` and `helps`: Chinese and English."""

    names: tuple[str, ...]
    takes: tuple[str, str]
    helps: tuple[str, str]
    run: Run


COMMANDS: list[Command] = []


def command(*names: str, takes: tuple[str, str] = ("", ""), helps: tuple[str, str]) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        last = [one.names[0] for one in COMMANDS[-2:]] == ["help", "quit"]  # these stay at the end of the list
        COMMANDS.insert(len(COMMANDS) - 2 if last else len(COMMANDS), Command(names, takes, helps, run))
        return run

    return register


def find(name: str) -> Command:
    """Raises RefusedError with the near miss."""
    for one in COMMANDS:
        if name.lower() in one.names:
            return one
    near = near_miss(name, [name for one in COMMANDS for name in one.names])
    hint = say(f"，是不是 /{near}？", f", did you mean /{near}?") if near else ""
    raise RefusedError(
        say(f"没有 /{name} 这个命令{hint}（/help 看全部）", f"no command /{name}{hint} (/help lists them)")
    )


def need(text: str, zh: str, en: str) -> str:
    if not text:
        raise RefusedError(say(f"请这样写：{zh}", f"write: {en}"))
    return text


@command(
    "as",
    "扮演",
    takes=("名字", "NAME"),
    helps=("换成另一个人；新名字就是新朋友", "be somebody else; a new name is a new person"),
)
async def be(player: Player, text: str) -> None:
    name = need(text, "/as 小美", "/as 小美").lstrip("@＠")
    person = player.find_person(name)
    if person is None:
        if name in player.world.accounts:
            raise RefusedError(say(f"{name}是机器人，请换一个人", f"{name} is the bot: be somebody else"))
        near = near_miss(name, [one.name for one in player.world.people.values()])
        player.become(player.world.add_person(name))
        player.tell(say(f"新朋友{name}来了，", f"{name} is new here, ") + _where_am_i(player))
        player.tell(say("先 /friend 加好友，或 /join 群名 进群", "/friend adds the bot, /join NAME enters a group"))
        if near:
            player.tell(say(f"（要找的是“{near}”？ /as {near}）", f"(did you mean {near}? /as {near})"))
        return
    player.become(person)
    player.tell(_where_am_i(player))


def _where_am_i(player: Player) -> str:
    name, place = player.me.name, player.place
    if player.room:
        return say(f"你是{name}，在「{place}」", f"you are {name}, in “{place}”")
    return say(f"你是{name}，和{place}私聊", f"you are {name}, in a private chat with {place}")


@command("in", "进群", takes=("群名", "GROUP"), helps=("到一个群里说话", "speak in a group"))
async def go(player: Player, text: str) -> None:
    rooms = player.world.rooms.values()
    player.room = player.room_named(need(text, f"/in {_some([one.topic for one in rooms])}", "/in GROUP"))
    player.tell(_where_am_i(player))
    if player.person and player.me.id not in player.room.members:
        player.tell(say("你还不在群里：/join", "you are not in it yet: /join"))


def _some(names: list[str]) -> str:
    return names[0] if names else "群名"


@command("dm", "私聊", takes=("[账号]", "[ACCOUNT]"), helps=("和机器人私聊", "a private chat with the bot"))
async def privately(player: Player, text: str) -> None:
    player.account = player.account_named(text).name
    player.room = None
    player.tell(_where_am_i(player))
    if player.account not in player.me.friends:
        player.tell(say("你们还不是好友：/friend", "you are not friends yet: /friend"))


@command("who", "成员", helps=("这里有谁", "who is here"))
async def who(player: Player, text: str) -> None:
    people = player.world.people
    inside = [people[one] for one in player.room.members] if player.room else list(people.values())
    staff = {one.name for one in player.stage.community.directory.staff.values()}
    mark = say("（同事）", " (staff)")
    names = "、".join(one.name + (mark if one.name in staff else "") for one in inside)
    bots = "、".join(player.room.accounts if player.room else player.world.accounts)
    player.tell(say(f"{len(inside)} 人：{names}；机器人：{bots}", f"{len(inside)} people: {names}; bot: {bots}"))


@command("rooms", "群", helps=("有哪些群", "which groups there are"))
async def rooms(player: Player, text: str) -> None:
    for one in player.world.rooms.values():
        here = say("，你在里面", ", you are in it") if player.person and player.me.id in one.members else ""
        player.tell(
            say(f"{one.topic}（{len(one.members)} 人{here}）", f"{one.topic} ({len(one.members)} people{here})")
        )


@command(
    "image",
    "图片",
    takes=("[文件]", "[FILE]"),
    helps=("发一张图片，不写文件就发一张样图", "send a picture, or a sample"),
)
async def image(player: Player, text: str) -> None:
    if text:
        await player.post("send_file", _file(text))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "面包.png"
        path.write_bytes(sample_picture())
        await player.post("send_file", path)


@command("file", "文件", takes=("文件", "FILE"), helps=("发一个文件", "send a file"))
async def file(player: Player, text: str) -> None:
    await player.post("send_file", _file(need(text, "/file 菜单.pdf", "/file menu.pdf")))


def _file(text: str) -> Path:
    return Path(text.strip("\"'")).expanduser()


@command("link", "链接", takes=("网址 标题", "URL TITLE"), helps=("分享一个链接", "share a link"))
async def link(player: Player, text: str) -> None:
    words = need(text, "/link https://… 标题", "/link https://… TITLE").split(maxsplit=1)
    words.sort(key=lambda word: not word.startswith(("http://", "https://")))
    await player.post("share_link", words[1] if len(words) > 1 else words[0], words[0])


@command("mini", "小程序", takes=("标题", "TITLE"), helps=("分享一个小程序", "share a mini program"))
async def mini(player: Player, text: str) -> None:
    title = need(text, "/mini 面包商城", "/mini TITLE")
    await player.post("mini_program", title, app_id="wx00sandbox", username="gh_sandbox", page_path="pages/index")


@command("card", "名片", takes=("名字", "NAME"), helps=("推荐一张名片", "send a contact card"))
async def card(player: Player, text: str) -> None:
    name = need(text, "/card 小美", "/card NAME").lstrip("@＠")
    seat = player.world.accounts.get(name)
    await player.post("card", seat.id if seat else player.person_named(name).id)


@command("recall", "撤回", helps=("撤回刚才那条", "take the last message back"))
async def recall(player: Player, text: str) -> None:
    await player.world.recall(player.me.id, player.last_message)
    player.last_message = ""


@command("join", "加群", takes=("[群名]", "[GROUP]"), helps=("进群", "enter a group"))
async def join(player: Player, text: str) -> None:
    room = player.room_named(text) if text else player.room
    if room is None:
        raise RefusedError(say("进哪个群？/rooms 看看有哪些", "which group? /rooms lists them"))
    if player.me.id in room.members:
        raise RefusedError(say(f"你已经在「{room.topic}」里了", f"you are in “{room.topic}” already"))
    player.room = room
    await player.world.join(room.id, [player.me.id])


@command("leave", "退群", helps=("退出现在的群", "leave this group"))
async def leave(player: Player, text: str) -> None:
    room = player.room_named(text) if text else player.room
    if room is None or player.me.id not in room.members:
        raise RefusedError(say("你不在群里", "you are in no group here"))
    await player.world.leave(room.id, [player.me.id])


@command("friend", "加好友", takes=("[账号]", "[ACCOUNT]"), helps=("加机器人为好友", "ask the bot to be friends"))
async def friend(player: Player, text: str) -> None:
    account = player.account_named(text).name
    if account in player.me.friends:
        raise RefusedError(say(f"你和{account}已经是好友了", f"you and {account} are friends already"))
    await player.world.befriend(player.me.id, account, f"我是{player.me.name}")


@command("group", "建群", takes=("群名", "NAME"), helps=("建一个群，邀请机器人进来", "make a group and invite the bot"))
async def group(player: Player, text: str) -> None:
    topic = need(text, "/group 新品试吃群", "/group NAME")
    if player.world.room_named(topic):
        raise RefusedError(say(f"已经有「{topic}」了：/in {topic}", f"there is “{topic}” already: /in {topic}"))
    player.room = player.world.add_room(topic, [player.me.id])
    await player.world.invite(player.me.id, player.room.id, player.account)


@command("rename", "改名", takes=("新名字", "NAME"), helps=("改自己的名字", "change one's own name"))
async def rename(player: Player, text: str) -> None:
    await player.world.rename(player.me.id, need(text, "/rename 新名字", "/rename NAME"))
    player.tell(_where_am_i(player))


@command("topic", "改群名", takes=("新群名", "NAME"), helps=("改群名", "rename the group"))
async def topic(player: Player, text: str) -> None:
    name = need(text, "/topic 新群名", "/topic NAME")
    if player.room is None:
        raise RefusedError(say("先到一个群里：/in 群名", "be in a group first: /in GROUP"))
    await player.world.rename_room(player.room.id, name, player.me.id)


@command("logout", takes=("[账号]", "[ACCOUNT]"), helps=("让机器人掉线", "log the bot out"))
async def logout(player: Player, text: str) -> None:
    account = player.account_named(text).name
    await player.world.log_out(account)
    player.tell(say(f"{account}已退出登录，/login 让它回来", f"{account} is logged out; /login brings it back"))


@command("login", takes=("[账号]", "[ACCOUNT]"), helps=("让机器人重新登录", "log the bot in again"))
async def login(player: Player, text: str) -> None:
    account = player.account_named(text).name
    await player.world.log_in(account)
    player.tell(say(f"{account}登录了", f"{account} is logged in"))


@command(
    "clock",
    "时钟",
    takes=("[+1d|08:00]", "[+1d|08:00]"),
    helps=("看时间，或把时钟往前拨", "show the time, or move it on"),
)
async def clock(player: Player, text: str) -> None:
    community = player.stage.community
    now, zone = community.clock.now(), community.settings.zone
    if text:
        await player.stage.advance(wanted_moment(text, now, zone))
    player.tell(say("现在是 ", "it is ") + moment(community.clock.now(), zone) + ahead(player.world.clock_offset))


@command("history", "记录", takes=("[条数]", "[COUNT]"), helps=("看这个聊天的最近记录", "the latest of this chat"))
async def history(player: Player, text: str) -> None:
    count = int(text) if text.isdigit() else SHOWN
    world = player.world
    if player.room:
        here = [one for one in world.messages if one.to == player.room.id]
    else:
        ours, mine = world.accounts[player.account].id, player.me.id
        here = [one for one in world.messages if {one.sender, one.to} == {ours, mine}]
    for one in here[-count:]:
        player.tell(line_of(world, one).plain)
    if not here:
        player.tell(say("还没有记录", "nothing yet"))


@command("help", "帮助", "h", "?", helps=("这张表", "this list"))
async def show_help(player: Player, text: str) -> None:
    player.tell(
        say(
            "直接打字就是说话；@小知 可以提到机器人，@小美 提到别人。",
            "Plain text is said where you are; @小知 speaks to the bot, @小美 to others.",
        )
    )
    for one in COMMANDS:
        typed = f"/{one.names[0]} {say(*one.takes)}".strip()
        wide = sum(1 + (ord(char) > 0x2E80) for char in typed)
        player.tell(f"  {typed}{' ' * max(22 - wide, 1)}{say(*one.helps)}")


@command("quit", "退出", "exit", "q", helps=("离开，下次接着来", "leave; next time goes on from here"))
async def leave_terminal(player: Player, text: str) -> None:
    raise Quit
