"""mingshi admin create, mingshi roster import."""

import sys
from dataclasses import asdict, replace
from pathlib import Path

import click

from question_bank.report import ERROR
from quiz import clock
from quiz.access import Role
from quiz.audit.services import record
from quiz.commands.frame import FILE, WHO, Refused, as_json, in_app, say, say_problems
from quiz.extensions import transaction
from quiz.people import accounts, queries, services
from quiz.people.rules import RosterRefused, mask_digits

_LONGEST_NAME = 60


@click.group(help="登录后台的账号。")
def admin() -> None:
    pass


@admin.command(help="新建一个能登录后台的账号。")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="从标准输入读一行作为密码。")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.ADMIN.value,
    show_default=True,
    help="、".join(f"{role.value} 是{role.chinese}" for role in Role) + "。",
)
@click.option("--unit", help="单位联络员负责的单位，连同它的下级。")
@in_app()
def create(name: str, password_stdin: bool, role: str, unit: str | None) -> None:
    at, name = clock.now(), name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise Refused(f"账号要有 1 到 {_LONGEST_NAME} 个字。")
    password = _password(password_stdin)
    with transaction():
        if queries.account_by_name(name) is not None:
            raise Refused(f"已经有“{name}”这个账号。")
        of_unit = None if unit is None else queries.unit_by_name(unit)
        account = accounts.create_account(name=name, password=password, role=Role(role), at=at, unit=of_unit)
        more = {} if unit is None else {"unit": unit}
        record(who=WHO, what="account.create", subject=f"account:{name}", at=at, role=role, **more)
    click.echo(f"已新建{account.role_chinese}“{name}”。")


@admin.command(help="给账号换一个密码，同时解锁，并结束它的所有登录。")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="从标准输入读一行作为密码。")
@in_app()
def password(name: str, password_stdin: bool) -> None:
    given = _password(password_stdin)
    with transaction():
        account = queries.account_by_name(name.strip())
        if account is None:
            raise Refused(f"没有“{name.strip()}”这个账号。")
        accounts.give_password(account, password=given, first=False, at=clock.now(), who=WHO)
    click.echo(f"“{account.name}”的密码已换好。")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("密码", hide_input=True, confirmation_prompt="再输一次", err=True))


@click.group(help="名册。")
def roster() -> None:
    pass


@roster.command("import", help="把名册文件里的人加入名册。找得到的人更新，有错的行不加入，每一处都会列出来。")
@click.argument("file", type=FILE)
@click.option("--create-units", is_flag=True, help="名册里没有的单位一并新建。")
@as_json
@in_app()
@click.pass_context
def import_(context: click.Context, file: Path, create_units: bool, json_: bool) -> None:
    at = clock.now()
    try:
        reading = services.read_roster(file)
    except RosterRefused as error:
        raise Refused(error.message, exit_code=2) from error
    with transaction():
        done = services.import_roster(reading=reading, create_units=create_units, at=at, who=WHO)
    # A wrong phone is somebody's phone with a slip in it.
    shown = [replace(problem, value=mask_digits(problem.value)) for problem in done.problems]
    document = {
        "persons": done.persons,
        "units": done.units,
        "problems": [asdict(problem) for problem in shown],
    }
    say(document, json_=json_, words=lambda: f"名册里有了这 {done.persons} 人，属于 {done.units} 个单位。")
    say_problems(shown)
    context.exit(1 if any(problem.severity == ERROR for problem in done.problems) else 0)
