"""The committed stubs belong to the committed .proto, and the .proto to the gateway's own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gateway.process import MODULES, ensure_gateway

ROOT = Path(__file__).parents[2]
PROTO = Path("channels/wechat/proto/puppet.proto")
OURS_ONLY = {"Nothing", "IdRequest", "IdResponse", "IdsResponse", "FileBoxResponse", "SentResponse", "Chunk"}


def test_generating_again_gives_the_same_stubs(tmp_path: Path) -> None:
    outputs = [f"--{kind}_out={tmp_path}" for kind in ("python", "pyi", "grpc_python")]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", "-I.", *outputs, str(PROTO)], cwd=ROOT, check=True)
    made = sorted((tmp_path / PROTO.parent).iterdir())
    assert [one.name for one in made] == ["puppet_pb2.py", "puppet_pb2.pyi", "puppet_pb2_grpc.py"]
    for one in made:
        assert one.read_text() == (ROOT / PROTO.parent / one.name).read_text(), one.name


def messages(text: str) -> dict[str, dict[int, tuple[str, str]]]:
    """Message name > field number > (type, name), in any .proto text."""
    text = re.sub(r"//.*", "", text)
    found = {}
    for name, body in re.findall(r"message\s+(\w+)\s*\{([^}]*)\}", text):
        fields = re.findall(r"(?:repeated\s+|optional\s+)?([\w.]+)\s+(\w+)\s*=\s*(\d+)", body)
        found[name] = {int(number): (kind, field) for kind, field, number in fields}
    return found


@pytest.mark.gateway
def test_every_field_has_the_number_and_name_of_the_gateways_own_proto() -> None:
    ensure_gateway()
    folder = MODULES / "wechaty-grpc/dist/esm/proto/wechaty"
    theirs = messages("".join(one.read_text() for one in sorted(folder.rglob("*.proto"))))
    for name, fields in messages((ROOT / PROTO).read_text()).items():
        for number, (kind, field) in {} if name in OURS_ONLY else fields.items():
            their_kind, their_field = theirs[name][number]
            if not field.endswith("_old"):
                assert field == their_field, f"{name} {number}"
            enum = their_kind in {"PayloadType", "MessageType", "ImageType", "FriendshipType", "ContactGender"}
            assert kind == ("int32" if enum else their_kind), f"{name}.{field}"
