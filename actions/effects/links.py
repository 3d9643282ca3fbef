"""Tracked short links: one for each person (or room), item and use, so that it is known who opened what."""

from collections.abc import Iterable

from actions.community import Community
from db.database import Database, Tx
from db.effects import links
from rules.effects.codes import code_of
from rules.effects.redirects import destination


def declared(community: Community) -> Iterable[str]:
    """The hosts that a short link may lead to."""
    settings = community.settings
    return (*settings.links.hosts, *settings.brand.links)


async def link_for(
    tx: Tx,
    community: Community,
    url: str,
    now: int,
    *,
    member_id: int | None = None,
    room_id: int | None = None,
    content_id: int | None = None,
    product_id: int | None = None,
    campaign_id: int | None = None,
    use_id: int | None = None,
) -> str:
    """The tracked address that leads to `url`; the same one whenever it is asked for with the same values.

    `url` itself where none can be made: without `web.public_url`, for a host that is not declared (`links.hosts`,
    `brand.links`), or for neither a person nor a room.
    """
    own = community.settings.web.public_url.rstrip("/")
    if not own or (member_id is None and room_id is None) or not destination(url, declared(community)):
        return url
    key = await _key(tx, community)
    code = code_of(key, (url, member_id, room_id, content_id, product_id, campaign_id, use_id))
    new = await links.add(
        tx,
        code,
        url,
        now,
        member_id=member_id,
        room_id=room_id,
        content_id=content_id,
        product_id=product_id,
        campaign_id=campaign_id,
        use_id=use_id,
    )
    if not new:
        row = await links.by_code(tx, code)
        if row is None or (row["url"], row["member_id"], row["room_id"]) != (url, member_id, room_id):
            return url  # of somebody who was erased since
    return f"{own}/s/{code}"


async def _key(tx: Tx, community: Community) -> bytes:
    known = community.directory.link_key
    if known:
        return known
    key = await links.make_key(tx)
    tx.after_commit(lambda: setattr(community.directory, "link_key", key))
    return key


async def key_of(db: Database, community: Community) -> bytes:
    """The key to look at codes with; b'' while no link was ever made."""
    if not community.directory.link_key:
        community.directory.link_key = await links.key_of(db)
    return community.directory.link_key
