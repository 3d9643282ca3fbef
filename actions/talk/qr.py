"""A login's QR code as a picture in the data folder."""

from pathlib import Path

import segno

from actions.community import Community

SCALE = 8
LONGEST = 1_000


def picture(community: Community, account_id: int, text: str) -> str:
    """Write the code as PNG; its path within the data folder. An older one of the account is replaced."""
    path = Path("qr") / f"{account_id}.png"
    (community.folder / path.parent).mkdir(exist_ok=True, mode=0o700)
    segno.make(text[:LONGEST], micro=False).save(str(community.folder / path), scale=SCALE, border=4)
    return str(path)
