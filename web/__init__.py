"""The HTTP door: orders come in, links are opened, and the house is watched. `routes` is the table of contents."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from actions.community import Community
from rules.errors import SettingsError

if TYPE_CHECKING:
    from web.route import Route


def routes() -> "tuple[Route, ...]":
    """Every path that is answered."""
    from web import health, invite, openapi, short_links, webhooks

    return (*webhooks.ROUTES, *health.ROUTES, *invite.ROUTES, *short_links.ROUTES, *openapi.ROUTES)


class Door:
    """The server of one house; its parts take time to load, so that is done when there is somewhere to listen."""

    def __init__(self, community: Community, keys: Mapping[str, Sequence[bytes]], metrics_token: str = "") -> None:
        self._community, self._keys, self._token = community, keys, metrics_token
        self._server: Any = None

    @property
    def port(self) -> int:
        """Where it listens; 0 if it does not."""
        return self._server.port if self._server else 0

    async def start(self, listen: str, *, needed: bool = True) -> tuple[str, ...]:
        """Listen on "host:port", "" for nowhere; what could not be done. Raises SettingsError if that is `needed`."""
        if not listen:
            return ()
        from web.server import Server

        server = Server(self._community, self._keys, self._token)
        try:
            await server.start(listen)
        except SettingsError as error:
            if needed:
                raise
            return (str(error),)
        self._server = server
        return ()

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop()
            self._server = None
