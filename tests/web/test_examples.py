"""What docs/operators.md tells a shop to do works as it stands there."""

import asyncio
import base64
import os
import re
import shutil
import sys
import time

import pytest

from tests.conftest import ROOT
from tests.web.conftest import KEY, Shop

SECRET = "whsec_" + base64.b64encode(KEY).decode()


async def run(shop: Shop, *command: str) -> str:
    shop.house.clock.set(int(time.time() * 1000))  # the shop's own clock is the real one
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "ZHIJI_MALL_KEY": SECRET},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return printed.decode()


async def test_the_python_example_posts_an_order(shop: Shop) -> None:
    script = str(ROOT / "docs" / "examples" / "post_order.py")
    assert await run(shop, sys.executable, script, f"{shop.address}/webhooks/orders/mall") == '{"status":"new"}\n'
    assert await shop.house.db.value("SELECT amount FROM shop_order") == 12_800


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="extra: needs curl and openssl")
async def test_the_shell_example_posts_an_order(shop: Shop) -> None:
    text = (ROOT / "docs" / "operators.md").read_text("utf-8")
    (example,) = [one for one in re.findall(r"```bash\n(.+?)```", text, re.DOTALL) if "webhook-signature" in one]
    printed = await run(shop, "bash", "-c", example.replace("http://127.0.0.1:8760", shop.address))
    assert printed == '{"status":"new"}'
