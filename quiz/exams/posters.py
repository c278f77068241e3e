"""What stands on a poster, and the posters of many units as one PDF, drawn by a process of its own."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from quiz.errors import RuleBroken
from quiz.exams import queries, rules, terms
from quiz.exams.enrolling import Access
from quiz.exams.models import Exam
from quiz.people.models import Unit

SIZES = ("A4", "A3")
#: Five hundred take about 8 seconds of one core; a busy machine may need many times that.
SECONDS = 120
_PROGRAM = Path(__file__).with_name("printing.py")
#: Drawn one after the other: posters can wait, phones cannot.
_drawing = threading.BoundedSemaphore(1)
_NOTO = "/usr/share/fonts/opentype/noto/Noto{}CJK-{}.ttc", "/usr/share/fonts/google-noto-cjk/Noto{}CJK-{}.ttc"
#: Where each kind of machine has Chinese type, with the face of a collection.
_SYSTEM = {
    "song": [
        *((path.format("Serif", "Bold"), 2) for path in _NOTO),
        ("C:/Windows/Fonts/simsun.ttc", 0),
        ("/System/Library/Fonts/Supplemental/Songti.ttc", 0),
    ],
    "sans": [
        *((path.format("Sans", "Regular"), 2) for path in _NOTO),
        ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
        ("C:/Windows/Fonts/simhei.ttf", 0),
        ("/System/Library/Fonts/STHeiti Light.ttc", 0),
    ],
}
#: A package that brings type where the machine has none: pip install pylopdf-fonts-zh-cn.
_PACKAGE = "pylopdf_fonts_zh_cn"
_OF_PACKAGE = {"song": "NotoSerifSC-Regular.otf", "sans": "NotoSansSC-Regular.otf"}


class NoPosters(RuleBroken):
    code = "no-posters"
    message = "现在做不了 PDF。请在这一页用浏览器打印，或者请技术人员看服务器的记录。"
    status = 503


class NoType(NoPosters):
    code = "no-type"
    message = "服务器上没有中文字体，做不了 PDF。请在这一页用浏览器打印，或者请技术人员装字体。"


def words(exam: Exam) -> dict[str, Any]:
    """What a poster says besides the title: facts as (name, words), three steps, the last line."""
    points = rules.plain(exam.full)
    facts = [
        ("时间", queries.window(exam)),
        ("题目", f"{exam.items} 题，满分 {points} 分，答题 {exam.minutes} 分钟"),
    ]
    if exam.mode != rules.Mode.CONTEST:
        facts += [("合格", f"{rules.plain(exam.pass_mark)} 分（含）以上"), ("带好", "登记在名册里的手机号码")]
    steps = [_first_step(exam), "看规则，点“开始答题”", "点“交卷”，当场看成绩"]
    if exam.score_release != rules.Release.SUBMIT:
        steps[2] = "答完点“交卷”"
    return {"facts": facts, "steps": steps, "foot": "每次改动自动保存。断网、换手机都能接着答。"}


def _first_step(exam: Exam) -> str:
    found = terms.terms_of(exam)
    if exam.mode != rules.Mode.CONTEST or found.access is Access.ROSTER:
        return "扫码，填姓名和手机号码"
    return "扫码，核对学校，填班级" if found.pupils else "扫码，核对单位，填姓名和手机号码"


def by_hand(exam: Exam, address: str) -> str:
    """For who cannot scan."""
    return f"或打开 {address.partition('/e/')[0].partition('://')[2]}，填场次码 {exam.code}"


def pdf(exam: Exam, sheets: Sequence[tuple[Unit, str]], *, size: str, font: str) -> bytes:
    """A page for each unit with the address of its own. NoType, or NoPosters for whatever else goes wrong."""
    order = {
        "size": size if size in SIZES else SIZES[0],
        "fonts": fonts(font),
        "title": exam.title,
        "host": exam.host,
        "by_hand": by_hand(exam, sheets[0][1]) if sheets else "",
        "sheets": [{"unit": unit.name, "address": address} for unit, address in sheets],
        **words(exam),
    }
    return drawn(_PROGRAM, order)


def fonts(configured: str) -> dict[str, dict[str, Any]]:
    """The type to draw with: the configured file, else the system's, else the package's. NoType."""
    return {kind: _font(kind, configured) for kind in _SYSTEM}


def _font(kind: str, configured: str) -> dict[str, Any]:
    spec = find_spec(_PACKAGE)
    of_package = [(str(Path(spec.origin).parent / _OF_PACKAGE[kind]), 0)] if spec and spec.origin else []
    for path, face in [(configured, 0), *_SYSTEM[kind], *of_package]:
        if path and Path(path).is_file():
            return {"path": path, "face": face}
    raise NoType


def drawn(program: Path, order: dict[str, Any]) -> bytes:
    """What the program writes when it is given the order. NoPosters for whatever goes wrong."""
    given = json.dumps(order, ensure_ascii=True).encode()
    with _drawing:
        try:
            done = subprocess.run(
                [sys.executable, str(program)], input=given, capture_output=True, timeout=SECONDS, check=True
            )
        except (subprocess.SubprocessError, OSError) as reason:
            raise NoPosters from reason
    return done.stdout
