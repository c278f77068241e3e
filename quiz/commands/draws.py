"""mingshi draw verify."""

import json
from pathlib import Path

import click

from quiz.commands.frame import FILE, Refused, as_json, say
from quiz.draws import rules


@click.group(help="抽奖。")
def draw() -> None:
    pass


@draw.command(help="用公布的文件重新计算一次抽奖，不需要数据库，也不联网。")
@click.argument("file", type=FILE)
@as_json
def verify(file: Path, json_: bool) -> None:
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        raise Refused(rules.NotADraw.message, exit_code=2) from None
    wrong = rules.verify(document)
    facts = {
        "agrees": not wrong,
        "problems": wrong,
        "rehearsal": bool(document["rehearsal"]),
        "persons": len(document["list"]),
        "fingerprint": rules.fingerprint(document),
        "seed": document.get("seed"),
        "winners": document.get("winners"),
    }
    say(facts, json_=json_, words=lambda: "\n".join(wrong) or _good(document))
    if wrong:
        raise click.exceptions.Exit(1)


def _good(document: dict[str, object]) -> str:
    listed: list[dict[str, str]] = document["list"]  # type: ignore[assignment]
    places: list[int] = document.get("winners") or []  # type: ignore[assignment]
    lines = ["这是彩排，结果无效。"] if document["rehearsal"] else []
    lines.append(f"指纹相符：{document['fingerprint']}")
    if places:
        lines.append("中奖名单相符：")
    for order, place in enumerate(places, 1):
        one = listed[place - 1]
        lines.append(f"{order}\t名单第 {place} 位\t{one['name']}\t{one['unit']}\t尾号 {one['tail']}")
    return "\n".join(lines)
