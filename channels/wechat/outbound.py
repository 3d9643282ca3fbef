"""From `rules.messages.Outgoing` to calls of the gateway; each says whether the message may have left."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc.aio

from channels.wechat.errors import send_failure
from channels.wechat.link import CALL_TIMEOUT, Link
from channels.wechat.media import FileMissingError, upload
from channels.wechat.people import DIRTY_CONTACT, People
from channels.wechat.proto import puppet_pb2 as pb
from rules.errors import ChannelError, SendError
from rules.messages import Act, Outgoing

FILE_TIMEOUT = 60.0  # the gateway hands the whole file to the network before it answers
FOUR_PER_EM = "\u2005"  # what WeChat writes after a mentioned name


class Outbound:
    """Does what one account is asked to do."""

    def __init__(self, link: Link, people: People, max_file_bytes: int) -> None:
        self._link, self._people, self._max_file_bytes = link, people, max_file_bytes
        self._acts: dict[Act, Callable[[str, Outgoing], Awaitable[str]]] = {
            Act.TEXT: self._text,
            Act.IMAGE: self._file,
            Act.FILE: self._file,
            Act.LINK: self._link_card,
            Act.MINI_PROGRAM: self._mini_program,
            Act.CARD: self._card,
            Act.REMARK: self._remark,
            Act.ACCEPT_FRIEND: self._accept_friend,
            Act.ACCEPT_ROOM: self._accept_room,
        }

    async def send(self, to: str, content: Outgoing) -> str:
        return await self._acts[content.act](to, content)

    async def recall(self, ext_id: str) -> None:
        if not (await self._call("MessageRecall", pb.IdRequest(id=ext_id))).success:
            raise SendError("the gateway did not take the message back", permanent=True)

    async def _call(self, method: str, request: Any, timeout: float = CALL_TIMEOUT) -> Any:
        try:
            return await self._link.begin(method, request, timeout)
        except grpc.aio.AioRpcError as error:
            raise send_failure(error) from None

    async def _say(self, method: str, request: Any, timeout: float = CALL_TIMEOUT) -> str:
        answer = await self._call(method, request, timeout)
        return str(answer.id or answer.id_old.value) if answer else ""  # it was said, though the answer can't be read

    async def _text(self, to: str, content: Outgoing) -> str:
        names = [await self._name(to, index, content) for index in range(len(content.mentions))]
        text = "".join(f"@{name}{FOUR_PER_EM}" for name in names) + content.text
        request = pb.MessageSendTextRequest(conversation_id=to, text=text, mentional_ids=content.mentions)
        return await self._say("MessageSendText", request)

    async def _name(self, room: str, index: int, content: Outgoing) -> str:
        if index < len(content.names) and content.names[index]:
            return content.names[index]
        person = await self._people.member(room, content.mentions[index])
        return person.room_name or person.name

    async def _file(self, to: str, content: Outgoing) -> str:
        try:
            box = await upload(self._link, Path(content.path), self._max_file_bytes)
        except FileMissingError as error:
            raise SendError(str(error), permanent=True) from None
        except grpc.aio.AioRpcError as error:  # nothing is sent until the next call
            failure = send_failure(error)
            raise SendError(str(failure), permanent=failure.permanent, throttled=failure.throttled) from None
        return await self._say(
            "MessageSendFile", pb.MessageSendFileRequest(conversation_id=to, file_box=box), FILE_TIMEOUT
        )

    async def _link_card(self, to: str, content: Outgoing) -> str:
        link = pb.UrlLinkPayload(
            title=content.title, url=content.url, description=content.description, thumbnail_url=content.thumbnail
        )
        return await self._say("MessageSendUrl", pb.MessageSendUrlRequest(conversation_id=to, url_link=link))

    async def _mini_program(self, to: str, content: Outgoing) -> str:
        program = pb.MiniProgramPayload(
            appid=content.app_id,
            title=content.title,
            description=content.description,
            username=content.username,
            page_path=content.page_path,
            thumb_url=content.thumbnail,
        )
        request = pb.MessageSendMiniProgramRequest(conversation_id=to, mini_program=program)
        return await self._say("MessageSendMiniProgram", request)

    async def _card(self, to: str, content: Outgoing) -> str:
        request = pb.MessageSendContactRequest(conversation_id=to, contact_id=content.contact)
        return await self._say("MessageSendContact", request)

    async def _remark(self, to: str, content: Outgoing) -> str:
        contact = content.contact or to
        await self._call("ContactAlias", pb.ContactAliasRequest(id=contact, alias=content.text))
        self._people.dirty(DIRTY_CONTACT, contact)
        try:  # gateways keep payloads, too
            await self._link.call("DirtyPayload", pb.DirtyPayloadRequest(type=DIRTY_CONTACT, id=contact))
        except ChannelError:
            return ""
        return ""

    async def _accept_friend(self, to: str, content: Outgoing) -> str:
        await self._call("FriendshipAccept", pb.IdRequest(id=content.target))
        return ""

    async def _accept_room(self, to: str, content: Outgoing) -> str:
        await self._call("RoomInvitationAccept", pb.IdRequest(id=content.target))
        return ""
