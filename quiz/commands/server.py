"""mingshi demo, mingshi serve."""

import os
import shutil
import sys
from pathlib import Path

import click
from flask import current_app

from quiz import clock, config, schema, serving
from quiz.commands.frame import FOLDER, Refused, in_app, opened
from quiz.demo import county, making, welcome
from quiz.extensions import db

#: A file that says a folder holds nothing but the demo, so that it may be thrown away; says MADE when whole.
MARK, MADE = "demo", "made"


@click.command(help="打开演示：做好一个虚构的县，打印网址和登录方式，然后提供服务。")
@click.option("--host", default="0.0.0.0", show_default=True, help="监听的地址。手机要能打开，就不要改。")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口。")
@click.option("--data", type=FOLDER, help="演示用的数据目录，默认 instance/demo。")
@click.option("--fresh", is_flag=True, help="丢掉上次的演示，重新做一个。")
def demo(host: str, port: int, data: Path | None, fresh: bool) -> None:
    serving.check_port(host, port)
    folder = _demo_folder(data or Path(os.environ.get("MINGSHI_DATA") or "instance/demo"), fresh=fresh)
    address = welcome.own_address()
    # A demo has its own SQLite file: made-up persons never get into a database that is in use.
    for name in ("DATABASE_URL", "SECRET_KEY"):
        os.environ.pop(name, None)
    os.environ.setdefault("MINGSHI_PLACE", county.NAME)
    os.environ.setdefault("MINGSHI_BASE_URL", f"http://{address}:{port}")
    with opened(config.load(data=folder)) as app:
        code = _prepare(folder / MARK)
        words = welcome.sentences(code, address=address, port=port, drawn=sys.stdout.isatty())
        click.echo(words)
        serving.serve(app, host=host, port=port)


def _prepare(mark: Path) -> str:
    """The code of the exam that is open in the demo; everything is made that is missing."""
    at = clock.now()
    schema.upgrade()
    if mark.read_text() != MADE:
        length, terminal = making.sittings_planned(), sys.stderr.isatty()
        label = "正在做演示数据"
        with click.progressbar(length=length, label=label, file=sys.stderr, hidden=not terminal) as bar:
            making.make(at=at, tick=bar.update)
        mark.write_text(MADE)
    return making.open_exam(at=at).code


def _demo_folder(folder: Path, *, fresh: bool) -> Path:
    """The folder, empty or holding a demo; Refused when it holds anything else."""
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise Refused(f"{folder} 里已经有别的数据。演示请用 --data 指定一个空目录。")
    if folder.exists() and (fresh or not mark.exists() or mark.read_text() != MADE):
        shutil.rmtree(folder)  # asked for, empty, or a demo that was interrupted while it was made
    folder.mkdir(parents=True, exist_ok=True)
    if not mark.exists():
        mark.write_text("")
    return folder


@click.command(help="提供服务，直到按 Ctrl-C。")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址。0.0.0.0 是所有网卡。")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口。")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="工作进程数。")
@in_app()
def serve(host: str, port: int, workers: int) -> None:
    warning = serving.check_workers(workers, dialect=db.engine.dialect.name)
    if warning:
        click.echo(warning, err=True)
    serving.check_durable()
    serving.check_port(host, port)
    click.echo(f"http://{host}:{port}/ 已开始服务。按 Ctrl-C 停止。", err=True)
    serving.serve(current_app, host=host, port=port, workers=workers)
