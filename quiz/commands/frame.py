"""What all commands share: sentences and exit codes, the application they run in, JSON on request."""

import functools
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from question_bank.errors import CannotRead, CannotWrite
from question_bank.report import Problem
from quiz import config, create_app, schema
from quiz.errors import RuleBroken
from quiz.extensions import db, saver

#: Who the ledger names for what is done here.
WHO = "命令行"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


class Refused(click.ClickException):
    """A sentence on stderr and an exit code."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares one for the class

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file, err=file is None)


class Commands(click.Group):
    """Turns whatever a command raises for a person into a sentence and the right exit code."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        with _refusals():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with _refusals():
            return super().invoke(ctx)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except RuleBroken as error:
        raise Refused(error.message) from error
    except CannotWrite as error:
        raise Refused(error.message) from error
    except CannotRead as error:
        raise Refused(error.message, exit_code=2) from error
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        raise Refused(_usage_sentence(error), exit_code=2) from error
    except (OperationalError, sqlite3.OperationalError) as error:
        raise Refused(f"数据库不能用：{error}。请运行 mingshi doctor。") from error
    except OSError as error:
        raise Refused(f"不能读写 {error.filename}：{error.strerror}。") from error


def _usage_sentence(error: click.UsageError) -> str:
    """Click's remark in the language of the house, with where to read on."""
    if isinstance(error, click.BadParameter):
        said = _value_sentence(error)
    elif isinstance(error, click.NoSuchOption):
        said = f"没有 {error.option_name} 这个选项。"
    elif isinstance(error, click.exceptions.NoSuchCommand):
        said = f"没有 {error.command_name} 这个命令。"
    else:
        said = error.message
    return f"{said}\n用法见 {error.ctx.command_path if error.ctx else 'mingshi'} --help"


def _value_sentence(error: click.BadParameter) -> str:
    param = error.param
    name = param.opts[0] if isinstance(param, click.Option) else param.human_readable_name if param else ""
    if isinstance(error, click.MissingParameter):
        return f"缺少 {name}。"
    if param is not None and isinstance(param.type, click.Choice):
        return f"{name} 只能是 {'、'.join(param.type.choices)}。"
    if param is not None and isinstance(param.type, click.Path):
        return f"没有这个文件，或者不能读：{error.message}"
    return f"{name} 的值不对：{error.message}"


class Moment(click.ParamType[datetime]):
    """An ISO time; without an offset it is the time people here read on the wall."""

    name = "ISO 时间"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail("要写成 2026-12-01T09:00 这样的时间。", param, ctx)


def in_app(*, current: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Run the command inside the application, with --data; ``current`` refuses a database not at head."""

    def wrap(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option("--data", type=FOLDER, help="数据目录，默认是 MINGSHI_DATA 或 instance。")
        @functools.wraps(command)
        def run(data: Path | None, **arguments: Any) -> Any:
            with opened(config.load(data=data)):
                if current:
                    schema.check_current()
                return command(**arguments)

        return run

    return wrap


@contextmanager
def opened(settings: dict[str, Any]) -> Iterator[Flask]:
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            saver().close()
            db.engine.dispose()


as_json = click.option("--json", "json_", is_flag=True, help="只输出一份 JSON。")


def say(document: Any, *, json_: bool, words: Callable[[], str]) -> None:
    """The document on stdout with --json, else the words for people."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2) if json_ else words())


def say_problems(problems: Iterable[Problem]) -> None:
    """One line on stderr for each thing that is wrong in a file, with its place."""
    for problem in problems:
        click.echo(f"{problem.sheet} 第 {problem.row} 行：{problem.message.rstrip('。')}。", err=True)
