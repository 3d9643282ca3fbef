"""How the terminal shows what happens in the sandbox: one line a message, such as “小知 → 小美（私聊）：…”."""

from collections.abc import Iterator

from rich.text import Text

from channels.sandbox_state import Message
from channels.sandbox_world import World

BOT, PERSON, PLACE, QUIET = "bold green", "bold", "cyan", "dim"
MEDIA = {"image": "图片", "file": "文件", "audio": "语音", "video": "视频"}
CHORES = frozenset({"remark", "accept_friend", "accept_room"})  # what the bot does rather than says
NOTICES = CHORES | {"join", "leave", "topic", "recall", "friend_request", "room_invite"}


def line_of(world: World, message: Message) -> Text:
    """A message as it is printed; its `plain` is what scripts look into."""
    if message.what in NOTICES:
        return Text(f"（{_notice(world, message)}）", style=QUIET)
    room = message.to in world.rooms
    line = Text()
    line.append(world.name_of(message.sender), style=BOT if message.by_account else PERSON)
    line.append(" → ", style=QUIET)
    line.append(world.name_of(message.to), style=PLACE)
    line.append("：" if room else "（私聊）：", style=QUIET)
    line.append("\n".join(_indented(_content(message).replace("\u2005", " "))))
    return line


def _indented(text: str) -> Iterator[str]:
    """Lines after the first stand to the right, so that one sees where a message ends."""
    for number, line in enumerate(text.splitlines() or [""]):
        yield f"    {line}" if number and line else line


def _content(message: Message) -> str:
    data = message.data
    if message.what in MEDIA:
        return f"[{MEDIA[message.what]}] {data['name']}（{_size(data['size'])}）"
    if message.what == "link":
        return "[链接] " + "  ".join(part for part in (data["title"], data["description"], data["url"]) if part)
    if message.what == "mini_program":
        return "[小程序] " + "  ".join(part for part in (data["title"], data["page_path"]) if part)
    if message.what == "card":
        return f"[名片] {data['name']}"
    return message.text


def _size(size: int) -> str:
    if size >= 1024 * 1024:
        return f"{size / 1024 / 1024:.1f} MB"
    return f"{size / 1024:.1f} KB" if size >= 1024 else f"{size} 字节"


def _notice(world: World, message: Message) -> str:
    who, where, data = world.name_of(message.sender), world.name_of(message.to), message.data
    by = world.name_of(data["inviter"]) if data.get("inviter") else ""
    hello = f"：{message.text}" if message.text else ""
    return {
        "join": f"{by}邀请{who}加入了「{where}」" if by else f"{who}加入了「{where}」",
        "leave": f"{who}离开了「{where}」",
        "topic": f"{who}把群名从「{data.get('old')}」改成了「{data.get('new')}」",
        "recall": f"{who}撤回了一条消息",
        "friend_request": f"{who}请求加{where}为好友{hello}",
        "room_invite": f"{who}邀请{where}进「{data.get('topic')}」",
        "remark": f"{who}把{where}的备注改成了“{message.text}”",
        "accept_friend": f"{who}通过了{where}的好友请求",
        "accept_room": f"{who}进了「{where}」",
    }[message.what]
