"""绑定: a private text that is a one-time code makes its sender staff."""

from actions import staff as team
from db import staff
from handlers import unknown
from handlers.router import Ask, Router

router = Router()

_CHAR = "[2-9A-HJ-KM-NP-Za-hj-km-np-z]"
# letters and digits both, so that no word is taken for a code
_CODE = rf"(?:绑定\s*)?(?=\S*[0-9])(?=[\s-]*\S*[A-Za-z])(?P<code>{_CHAR}{{4}}[\s-]?{_CHAR}{{4}})"


@router.pattern(_CODE, private=True)
async def bind(ask: Ask) -> None:
    if not await staff.with_code(ask.tx, ask.now):
        await unknown.fallback(ask)  # no code is out: it was meant otherwise
        return
    code = "".join(char for char in ask.words["code"] if char.isalnum())
    bound = await team.bind(ask.tx, ask.community, ask.member_id, code, ask.now)
    if bound.staff is not None:
        ask.say("staff/bound", staff=bound.staff.name, role=ROLES[bound.staff.role])
    elif not bound.silent:
        ask.say("staff/not_bound")


ROLES = {"owner": "负责人", "admin": "管理员", "operator": "运营", "service": "客服", "viewer": "只看"}
