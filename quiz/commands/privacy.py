"""mingshi privacy due, mingshi privacy tidy."""

import click

from quiz import clock
from quiz.commands.frame import WHO, as_json, in_app, say
from quiz.extensions import transaction
from quiz.privacy import queries, services


@click.group(help="竞赛报名人的个人信息。")
def privacy() -> None:
    pass


@privacy.command(help="到期的有多少人，什么也不改。")
@as_json
@in_app()
def due(json_: bool) -> None:
    count, days = queries.count_due(at=clock.now()), queries.keeping().days
    say({"due": count, "days": days}, json_=json_, words=lambda: f"到期 {count} 人（竞赛结束后 {days} 天）。")


@privacy.command(help="清除到期的人的姓名、手机号等，成绩和统计不变。不能恢复。")
@as_json
@in_app()
def tidy(json_: bool) -> None:
    at, gone, removed = clock.now(), 0, 1
    while removed:
        with transaction():
            removed = services.tidy(at=at, who=WHO)
        gone += removed
    services.forget_on_disk()
    say({"removed": gone}, json_=json_, words=lambda: f"已清除 {gone} 人的个人信息。")
