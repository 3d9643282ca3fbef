"""The commands. `python3 bot.py` alone is `run`."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.rich_utils

from actions.clock import WallClock
from cli import config
from cli.language import chinese, say
from cli.opened import Opened
from rules.errors import ZhijiError
from rules.member_settings import WebSettings
from rules.near import near_miss
from rules.settings import Settings

OpenHouse = Callable[[Settings, Path, Path], AbstractAsyncContextManager[Opened]]

COMMANDS = (
    "run", "demo", "test", "check", "doctor", "backup", "restore", "migrate", "staff", "import", "rehearse", "recount",
)  # fmt: skip

if chinese():
    typer.rich_utils.OPTIONS_PANEL_TITLE = "选项"
    typer.rich_utils.COMMANDS_PANEL_TITLE = "命令"
    typer.rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    typer.rich_utils.ERRORS_PANEL_TITLE = "出错了"

Config = Annotated[Path, typer.Option("--config", "-c", help=say("设置文件", "The settings"))]
Data = Annotated[Path, typer.Option("--data", "-d", help=say("数据目录", "The data folder"))]


def run_app(root: Path, open_house: OpenHouse) -> None:
    """Read the command line and do what it says; errors raised on purpose are one clear text and exit code 1."""
    arguments = sys.argv[1:]
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("--help", "-h")):
        arguments = ["run", *arguments]
    if arguments[:1] in (["test"], ["check"]):
        sys.exit(_develop(root, arguments))
    if arguments[0] not in (*COMMANDS, "--help", "-h"):
        near = near_miss(arguments[0], COMMANDS)
        hint = say(f"，是不是想用 {near}？", f", did you mean {near}?") if near else ""
        sys.exit(
            say(f"没有 {arguments[0]} 这个命令{hint}（--help 看全部）", f"No command {arguments[0]}{hint} (see --help)")
        )
    try:
        build(root, open_house)(arguments, standalone_mode=True)
    except ZhijiError as error:
        sys.exit(str(error))


def _develop(root: Path, arguments: list[str]) -> int:
    from cli import testing

    return testing.test(root, arguments[1:]) if arguments[0] == "test" else testing.check(root)


def build(root: Path, open_house: OpenHouse) -> typer.Typer:
    """The commands as an application."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=say(
            "知己：微信私域的运营机器人。不写命令就是 run。",
            "Zhiji: an operations bot for WeChat. No command means run.",
        ),
    )
    default_config, default_data = root / "config.toml", root / "data"

    @app.command(help=say("打开账号；有沙盒账号时在终端里打开它", "Open the accounts; a sandbox opens in the terminal"))
    def run(
        config_file: Config = default_config,
        data: Data = default_data,
        script: Annotated[
            str,
            typer.Option(
                help=say("跑一个脚本文件（- 是标准输入），expect 不符则退出码为 1", "Run a script (- is stdin)")
            ),
        ] = "",
    ) -> None:
        settings = config.load(config_file)
        raise typer.Exit(asyncio.run(_run(open_house, settings, config_file.parent, data, script)))

    @app.command(help=say("在临时数据上演一遍示例脚本", "Play the example script on throw-away data"))
    def demo() -> None:
        import tempfile

        settings = config.load(default_config)
        settings = settings.model_copy(update={"web": WebSettings(listen="")})  # a real one may run beside it
        with tempfile.TemporaryDirectory(prefix="zhiji-demo-") as folder:
            script = str(root / "docs" / "examples" / "first-steps.zhiji")
            raise typer.Exit(asyncio.run(_run(open_house, settings, root, Path(folder), script)))

    @app.command(help=say("跑全部测试", "Run all tests"))
    def test() -> None: ...

    @app.command(help=say("格式、规范、类型、依赖方向", "Format, lint, types and import contracts"))
    def check() -> None: ...

    @app.command(help=say("体检：哪里不对、怎么修", "What is wrong and how to mend it"))
    def doctor(config_file: Config = default_config, data: Data = default_data) -> None:
        from cli import doctor as doctor_

        text, code = doctor_.report(asyncio.run(doctor_.examine(config_file, data)))
        typer.echo(text)
        raise typer.Exit(code)

    @app.command(help=say("备份成一个文件，运行中也可以", "Back up into one file, also while running"))
    def backup(
        file: Annotated[Path, typer.Argument(help=say("备份文件", "The backup file"))],
        config_file: Config = default_config,
        data: Data = default_data,
    ) -> None:
        from db import backup as backup_

        url = _url(config_file)
        summary = asyncio.run(backup_.backup(url, data, file, WallClock().now()))
        total = sum(summary.rows.values())
        typer.echo(say(f"已备份 {total:,} 行到 {file}，检查无误。", f"Backed up {total:,} rows to {file}; checked."))

    @app.command(
        help=say("用备份替换现在的数据；先停掉程序", "Put a backup in place of the data; stop the program first")
    )
    def restore(
        file: Annotated[Path, typer.Argument(help=say("备份文件", "The backup file"))],
        config_file: Config = default_config,
        data: Data = default_data,
    ) -> None:
        from cli.restoring import restore as restore_

        settings = config.load(config_file)
        typer.echo(asyncio.run(restore_(settings, _url(config_file), data, file, WallClock().now())))

    @app.command(help=say("升级数据库", "Apply pending migrations"))
    def migrate(config_file: Config = default_config, data: Data = default_data) -> None:
        from db.migrate import migrate as migrate_

        done = asyncio.run(migrate_(_url(config_file), data, str(WallClock().now())))
        for name in done:
            typer.echo(f"✓ {name}")
        if not done:
            typer.echo(say("数据库已是最新版。", "The database is up to date."))

    @app.command("import", help=say("导入订单、商品或会员的表格，先预览", "Import a table of orders, goods or members"))
    def import_(
        kind: Annotated[str, typer.Argument(help="orders | products | members")],
        file: Annotated[Path, typer.Argument(help=say("CSV 或 Excel 文件", "A CSV or Excel file"))],
        shop: Annotated[str, typer.Option(help=say("哪家店铺的", "Which shop's"))] = "",
        no_points: Annotated[
            bool, typer.Option("--no-points", help=say("旧订单：不发积分", "Old orders: they bring no points"))
        ] = False,
        yes: Annotated[bool, typer.Option("--yes", "-y", help=say("不问，直接写入", "Write without asking"))] = False,
        config_file: Config = default_config,
        data: Data = default_data,
    ) -> None:
        from cli import importing

        settings, wanted = config.load(config_file), importing.kind_of(kind)
        work = importing.import_file(settings, _url(config_file), data, wanted, file, shop, yes, earns=not no_points)
        text, code = asyncio.run(work)
        typer.echo(text)
        raise typer.Exit(code)

    @app.command(help=say("预演改过的规则：谁会升降，什么都不写", "What changed rules would do; writes nothing"))
    def rehearse(
        rules: Annotated[Path | None, typer.Argument(help=say("改过的规则（TOML）", "Changed rules (TOML)"))] = None,
        apply: Annotated[bool, typer.Option("--apply", help=say("预演后生效", "Put them in force"))] = False,
        undo: Annotated[bool, typer.Option("--undo", help=say("整批撤回上一次", "Take the last ones back"))] = False,
        yes: Annotated[bool, typer.Option("--yes", "-y", help=say("不问", "Without asking"))] = False,
        config_file: Config = default_config,
        data: Data = default_data,
    ) -> None:
        from cli import rehearsing

        settings = config.load(config_file)
        work = rehearsing.rehearse(settings, _url(config_file), data, rules, apply=apply, undo=undo, yes=yes)
        text, code = asyncio.run(work)
        typer.echo(text)
        raise typer.Exit(code)

    @app.command(help=say("从订单重算所有会员的关系和等级", "Count everybody's standing anew from the orders"))
    def recount(config_file: Config = default_config, data: Data = default_data) -> None:
        from cli.recounting import recount as recount_

        changed = asyncio.run(recount_(config.load(config_file), _url(config_file), data))
        typer.echo(say(f"重算完毕，{changed:,} 位会员有变化。", f"Counted anew: {changed:,} members changed."))

    staff = typer.Typer(no_args_is_help=True, help=say("团队成员", "The team"))
    app.add_typer(staff, name="staff")

    @staff.command(help=say("加一位同事，打印一次性绑定码", "Add a person; prints a one-time code"))
    def add(
        name: Annotated[str, typer.Argument(help=say("名字", "Their name"))],
        role: Annotated[str, typer.Option(help="owner | admin | operator | service | viewer")] = "operator",
        config_file: Config = default_config,
        data: Data = default_data,
    ) -> None:
        from cli.staffing import add_staff
        from handlers.staff.bind import ROLES

        code = asyncio.run(add_staff(_url(config_file), data, name, role, WallClock().now()))
        typer.echo(
            say(
                f"{name}（{ROLES[role]}）的绑定码：{code}\n"
                f"请 {name} 用自己的微信私聊机器人发送这个码，24 小时内有效，只能用一次。",
                f"The code of {name} ({role}): {code}\n"
                f"{name} sends it to the bot privately within 24 hours; it works once.",
            )
        )

    @staff.command(help=say("让一位同事离开，马上没有权限", "Let a person go; they lose all rights"))
    def remove(
        name: Annotated[str, typer.Argument(help=say("名字", "Their name"))],
        config_file: Config = default_config,
        data: Data = default_data,
    ) -> None:
        from cli.staffing import remove_staff

        asyncio.run(remove_staff(_url(config_file), data, name, WallClock().now()))
        typer.echo(say(f"{name} 不再是团队成员。", f"{name} is no longer on the team."))

    @staff.command("list", help=say("团队里有谁", "Who is on the team"))
    def list_(config_file: Config = default_config, data: Data = default_data) -> None:
        from cli.staffing import list_staff

        lines = asyncio.run(list_staff(_url(config_file), data, WallClock().now()))
        typer.echo("\n".join(lines) or say("团队里还没有人。", "Nobody is on the team yet."))

    return app


def _url(config_file: Path) -> str:
    return config.secret_url(config.load(config_file).database.url, config_file.parent)[0]


async def _run(open_house: OpenHouse, settings: Settings, beside: Path, data: Path, script: str) -> int:
    """Open the house; then the sandbox's terminal, a script, or just the accounts until a signal comes."""
    async with open_house(settings, beside, data) as house:
        for note in house.notes:
            typer.echo(note, err=True)
        if house.world is None:
            from cli.headless import until_stopped

            return await until_stopped(house)
        from cli import terminal

        if script:
            return await terminal.run_script(_stage(house), terminal.read_script(script))
        return await terminal.run_terminal(_stage(house))


def _stage(house: Opened) -> Any:
    return house
