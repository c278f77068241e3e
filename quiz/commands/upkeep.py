"""mingshi db upgrade, doctor, backup, restore."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from quiz import backups, clock, doctor, schema
from quiz.audit import chain
from quiz.commands.frame import FILE, FOLDER, as_json, in_app, say

_SIGNS = {doctor.GOOD: "  好  ", doctor.WARNING: "  注意", doctor.BAD: "  不行"}


@click.group("db", help="数据库。")
def database() -> None:
    pass


@database.command(help="把数据库升级到这个版本。升级前请先备份。")
@in_app(current=False)
def upgrade() -> None:
    schema.upgrade()
    click.echo("数据库已经是这个版本的结构。")


@click.command("doctor", help="检查这台机器能不能办考试。")
@as_json
@in_app(current=False)
@click.pass_context
def doctor_(context: click.Context, json_: bool) -> None:
    found = doctor.examine(at=clock.now())
    good = all(finding.state != doctor.BAD for finding in found)
    document = {"good": good, "findings": [asdict(finding) for finding in found]}
    say(document, json_=json_, words=lambda: "\n".join(f"{_SIGNS[f.state]}  {f.message}" for f in found))
    context.exit(0 if good else 1)


@click.group(help="操作记录。")
def audit() -> None:
    pass


@audit.command(help="重新计算操作记录的封记，看有没有被改过、删过。")
@click.option("--known", default="", help="以前抄下的封记（开头几位也行），看它还在不在。")
@as_json
@in_app()
@click.pass_context
def verify(context: click.Context, known: str, json_: bool) -> None:
    found = chain.verify(known=known.strip().lower())
    head = f"\n最新的封记：{found.head}" if found.head else ""
    say(asdict(found) | {"good": found.good}, json_=json_, words=lambda: found.words + head)
    context.exit(0 if found.good else 1)


@click.command(help="把数据库和密钥备份成一个文件，服务不用停。文件里有全部答卷，请妥善保管。")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@in_app(current=False)
def backup(file: Path) -> None:
    backups.back_up(file.absolute(), at=clock.now())
    click.echo(f"已备份到 {file}，{file.stat().st_size / 2**20:.1f} MB，通过完整性检查。")


@click.command(help="把备份恢复到一个空的数据目录。")
@click.argument("file", type=FILE)
@click.option("--data", required=True, type=FOLDER, help="要恢复到的目录，必须是空的。")
def restore(file: Path, data: Path) -> None:
    manifest = backups.restore(file, data.absolute())
    made_at = datetime.fromisoformat(manifest["made_at"]).astimezone()
    click.echo(f"已恢复到 {data}，是 {made_at:%Y-%m-%d %H:%M} 的备份。")
    click.echo(f"下一步：mingshi db upgrade --data {data}，再用 mingshi serve --data {data} 提供服务。")
