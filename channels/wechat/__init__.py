"""WeChat through a Wechaty gateway: the Puppet Service protocol over grpc.aio, one object per account."""

import os

os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # before grpc is imported: its core writes notes to stderr

from channels.wechat.channel import WechatChannel

__all__ = ["WechatChannel"]
