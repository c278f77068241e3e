"""mingshi admin create, mingshi roster import."""

import sys

import click

from quiz import clock
from quiz.access import Role
from quiz.audit.services import record
from quiz.commands.frame import WHO, Refused, in_app
from quiz.extensions import transaction
from quiz.people import queries, services

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
    help="admin 是管理员，organiser 是组织者。",
)
@in_app()
def create(name: str, password_stdin: bool, role: str) -> None:
    at, name = clock.now(), name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise Refused(f"账号要有 1 到 {_LONGEST_NAME} 个字。")
    password = _password(password_stdin)
    with transaction():
        if queries.account_by_name(name) is not None:
            raise Refused(f"已经有“{name}”这个账号。")
        account = services.create_account(name=name, password=password, role=Role(role), at=at)
        record(who=WHO, what="account.create", subject=f"account:{name}", at=at, role=role)
    click.echo(f"已新建{account.role_chinese}“{name}”。")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("密码", hide_input=True, confirmation_prompt="再输一次", err=True))


@click.group(help="名册。")
def roster() -> None:
    pass
