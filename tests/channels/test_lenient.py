"""Answers of a gateway with text that is not UTF-8 are read all the same."""

import pytest
from google.protobuf.message import DecodeError

from channels.wechat.lenient import lenient
from channels.wechat.proto import puppet_pb2 as pb

MARK = "XYZ"
READ = lenient(pb.MessagePayloadResponse)


def payload_with(text: bytes) -> bytes:
    """A payload whose text is these bytes."""
    assert len(text) == len(MARK)
    whole = pb.MessagePayloadResponse(id="m1", text=MARK, talker_id="wxid_1", type=7, mention_ids=["甲", "乙"])
    return bytes(whole.SerializeToString()).replace(MARK.encode(), text)


@pytest.mark.parametrize("text", [b"\xed\xa0\xbd", b"\xed\xb8\x80", b"\xff\xfe\xfd", b"ab\xc3"])
def test_bytes_that_are_no_utf8_cost_a_character_and_not_the_message(text: bytes) -> None:
    with pytest.raises(DecodeError):
        pb.MessagePayloadResponse.FromString(payload_with(text))
    read = READ(payload_with(text))
    assert (read.id, read.talker_id, read.type) == ("m1", "wxid_1", 7)
    assert list(read.mention_ids) == ["甲", "乙"]
    assert "\ufffd" in read.text
    read.text.encode()


def test_two_halves_side_by_side_are_their_emoji_again_also_in_an_inner_message() -> None:
    pair = "\ud83d\ude00".encode("utf-8", "surrogatepass")
    whole = pb.MessageUrlResponse(url_link=pb.UrlLinkPayload(title="ABCDEF", url="https://example.com"))
    read = lenient(pb.MessageUrlResponse)(whole.SerializeToString().replace(b"ABCDEF", pair))
    assert read.url_link.title == "😀"
    assert read.url_link.url == "https://example.com"


@pytest.mark.parametrize("raw", [b"\x0a\xff\xff", b"\x0a", b"\x0f", b"\x0a\x05ab"])
def test_what_is_no_message_at_all_is_refused(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        READ(raw)
