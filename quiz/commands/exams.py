"""mingshi exam create, mingshi exam close-due, mingshi standings."""

from datetime import datetime, timedelta

import click

from question_bank.paper import PRESETS
from quiz import clock, closer
from quiz.commands.frame import WHO, Moment, Refused, as_json, in_app, say
from quiz.exams import queries, rules, services
from quiz.extensions import transaction
from quiz.questions import queries as questions
from quiz.sittings import drawing
from quiz.standings import documents, tables
from quiz.standings import queries as ranking
from quiz.standings.method import Visibility
from quiz.standings.pages import public
from quiz.standings.services import decide

_WINDOW = timedelta(days=7)
_HEADINGS = {
    "rank": "名次",
    "score": "得分",
    "took_part": "参加",
    "expected": "应参加",
    "unit": "单位",
    "name": "姓名",
}


@click.group(help="考试、竞赛和练习。")
def exam() -> None:
    pass


@exam.command(help="新建一场考试，题目随即冻结。时间没写时区时按本地时间。")
@click.option("--title", required=True, help="名称。")
@click.option("--bank", "bank_name", required=True, help="从哪个题库抽题。")
@click.option("--preset", required=True, type=click.Choice(list(PRESETS)), help="抽题规则。")
@click.option(
    "--mode", type=click.Choice([mode.value for mode in rules.Mode]), default="exam", show_default=True
)
@click.option("--opens", type=Moment(), help="开始时间，默认现在。")
@click.option("--closes", type=Moment(), help="结束时间，默认开始后七天。")
@click.option("--minutes", type=int, help="答题时间（分钟），默认按抽题规则。")
@click.option(
    "--visibility",
    type=click.Choice([one.value for one in Visibility]),
    default=Visibility.ALL.value,
    show_default=True,
    help="单位榜谁能看：" + "、".join(f"{one.value} 是{one.chinese}" for one in Visibility) + "。",
)
@as_json
@in_app()
def create(
    title: str,
    bank_name: str,
    preset: str,
    mode: str,
    opens: datetime | None,
    closes: datetime | None,
    minutes: int | None,
    visibility: str,
    json_: bool,
) -> None:
    at = clock.now()
    opens_at = _instant(opens) or at
    settings = services.Settings(
        title=title,
        preset=preset,
        mode=rules.Mode(mode),
        opens_at=opens_at,
        closes_at=_instant(closes) or opens_at + _WINDOW,
        minutes=minutes,
    )
    with transaction():
        bank = questions.bank_by_name(bank_name)
        if bank is None:
            raise Refused(f"没有叫“{bank_name}”的题库。")
        made = services.create(bank, settings=settings, at=at, who=WHO)
        # Programs read the standings of what they made (INTERFACE); an exam made on the page is shown to its
        # own units only, until its organiser says otherwise.
        if made.ranked:
            method = tables.Board(made, table=tables.Table.JURY, at=at).method
            shown = Visibility(visibility)
            decide(made, method=method, visibility=shown, reason=None, at=opens_at, who=WHO)
    document = {"code": made.code, "id": made.id, "items": made.items, "full": float(made.full)}
    sentence = (
        f"已新建“{made.title}”，场次码 {made.code}，{made.items} 题，满分 {rules.plain(made.full)} 分。"
    )
    say(document, json_=json_, words=lambda: sentence)


def _instant(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=queries.zone())


@exam.command("close-due", help="把时间已到的答卷都收上来评分。服务开着时会自动做。")
@in_app()
def close_due() -> None:
    closed = closer.close_due(at=clock.now())
    click.echo(f"收上来 {closed} 份答卷。" if closed else "没有到时间的答卷。")


@exam.command(help="按记录重新抽出每一份试卷，核对和发出去的是否相同。")
@click.argument("code")
@as_json
@in_app()
def redraw(code: str, json_: bool) -> None:
    found = queries.exam_by_code(code)
    same, different = 0, []
    for paper in drawing.papers_of(found):
        if drawing.drawn_again(found, paper) == paper.items:
            same += 1
        else:
            different.append({"person": paper.person_id, "number": paper.number})
    document = {"pool": found.pool_fingerprint, "papers": same + len(different), "different": different}
    words = f"{same} 份试卷按记录重新抽出，和发出去的相同。题目指纹 {found.pool_fingerprint}。"
    if different:
        words = f"{len(different)} 份试卷和记录不符，{same} 份相同。"
    say(document, json_=json_, words=lambda: words)
    if different:
        raise SystemExit(1)


_BY = {
    "units": (documents.units_document, ("rank", "score", "took_part", "expected", "unit")),
    "persons": (documents.persons_document, ("rank", "score", "name", "unit")),
}


@click.command(help="看一场考试的排行。")
@click.argument("code")
@click.option("--by", type=click.Choice(list(_BY)), default="units", show_default=True)
@as_json
@in_app()
def standings(code: str, by: str, json_: bool) -> None:
    at, found = clock.now(), ranking.ranked_exam(code)
    make, columns = _BY[by]
    document = make(public(found, at=at))
    lines = ("\t".join(_shown(row[column]) for column in columns) for row in document["rows"])
    say(document, json_=json_, words=lambda: "\n".join(["\t".join(_HEADINGS[c] for c in columns), *lines]))


def _shown(value: object) -> str:
    return "—" if value is None else str(value)
