"""Score, what was right, and the key: each seen at its own time, and nowhere before."""

import json
from datetime import timedelta
from typing import Any

import pytest
from factories import Phone, decide_ranking, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask

from quiz.exams.models import Exam
from quiz.exams.rules import Mode


class Sat:
    """Somebody who has handed in a paper with its first item right and the second wrong."""

    def __init__(self, app: Flask, at: Any, **releases: str) -> None:
        self.exam: Exam = make_exam(make_bank(at=at), at=at, preset="monthly", chances=1, **releases)
        self.phone = Phone(app.test_client(), self.exam, make_person(unit=make_unit()))
        paper = self.phone.start().get_json()
        self.number = paper["sitting"]
        for item in paper["items"][:2]:
            right = next(one["label"] for one in item["options"] if one["text"].startswith("对的"))
            wrong = next(one["label"] for one in item["options"] if one["text"].startswith("错的"))
            self.phone.save(self.number, item["position"], [right if item["position"] == 1 else wrong])
        self.submitted = self.phone.submit(self.number).get_json()

    def page(self, name: str) -> Any:
        return self.phone.client.get(f"/s/{self.number}/{name}")

    def everything(self) -> str:
        """Whatever this phone can read about the sitting."""
        pages = [self.page(name).get_data(as_text=True) for name in ("result", "review")]
        pages += [self.page(f"review?item={n}").get_data(as_text=True) for n in (1, 2)]
        pages.append(self.phone.client.get(f"/e/{self.exam.code}/notice").get_data(as_text=True))
        return "\n".join([*pages, json.dumps(self.phone.show(self.number).get_json(), ensure_ascii=False)])


SCORE, KEY = "5 分", ("解析：", "《条例》第一条", "正确答案</", '"key"')


@pytest.mark.parametrize(
    ("releases", "before", "after"),
    [
        ({"score_release": "submit", "review": "close"}, (True, False, False), (True, True, True)),
        ({"score_release": "close", "review": "close"}, (False, False, False), (True, True, True)),
        ({"answers_release": "submit", "review": "close"}, (True, True, False), (True, True, True)),
        ({"answers_release": "close", "review": "never"}, (True, False, False), (True, True, False)),
        (
            {"score_release": "never", "answers_release": "never", "review": "never"},
            (False, False, False),
            (False, False, False),
        ),
    ],
)
def test_each_at_its_time(
    app: Flask, time: Any, releases: dict[str, str], before: tuple[bool, ...], after: tuple[bool, ...]
) -> None:
    sat = Sat(app, time.now(), **releases)
    assert (sat.submitted["score"] is not None) is before[0]
    assert (sat.submitted["passed"] is not None) is before[0]
    for moment, (score, answers, key) in ((0, before), (2, after)):
        time.move(hours=moment)
        document = sat.phone.show(sat.number).get_json()
        assert (document["score"], document["passed"]) == ((5.0, False) if score else (None, None))
        assert ("review" in document) is answers
        assert (sat.page("review").status_code == 200) is answers
        seen = sat.everything()
        assert ("得 5 分" in seen or '"mark": 5.0' in seen) is answers
        assert [word for word in KEY if (word in seen) is not key and word != "正确答案</"] == []
        if not score:
            assert "不合格" not in seen
            assert "未达" not in seen
            assert "已交卷" in seen


def test_a_wrong_item_without_the_key_does_not_tell_it(app: Flask, time: Any) -> None:
    sat = Sat(app, time.now(), answers_release="submit", review="never")
    page = sat.page("review?item=2").get_data(as_text=True)
    assert "你的答案" in page
    assert "你选对了" not in page
    assert "正确答案" not in page
    item = next(one for one in sat.phone.show(sat.number).get_json()["review"] if one["position"] == 2)
    assert item["mark"] == 0
    assert not item.keys() & {"key", "explanation", "basis", "correction"}


def test_no_chances_left_does_not_tell_a_hidden_score(app: Flask, time: Any) -> None:
    sat = Sat(app, time.now(), score_release="close", review="close")
    refused = sat.phone.start().get_json()["error"]["message"]
    assert refused == "1 次机会已用完。"
    time.move(hours=1, minutes=59)
    assert sat.phone.show(sat.number).get_json()["score"] is None
    time.at += timedelta(minutes=1)
    assert sat.phone.show(sat.number).get_json()["score"] == 5.0


def test_a_contest_tells_the_rank_offers_another_go_and_prints_how_units_are_ranked(
    app: Flask, time: Any
) -> None:
    bank, unit = make_bank(at=time.now()), make_unit()
    settings = {"preset": "monthly", "mode": Mode.CONTEST, "chances": 3, "answers_release": "submit"}
    exam = make_exam(bank, at=time.now(), **settings)
    for place, score in enumerate((100, 90, 90)):
        other = make_person(f"路{place}", unit=unit, phone=f"1390000000{place}")
        make_result(exam, other, str(score), at=time.now(), minutes=5 + place)
    phone = Phone(app.test_client(), exam, make_person(unit=unit))
    number = phone.start().get_json()["sitting"]
    time.move(minutes=6)
    phone.submit(number)
    pages = [
        phone.client.get(path).get_data(as_text=True)
        for path in (f"/s/{number}/result", f"/e/{exam.code}/notice")
    ]
    result, notice = pages
    assert "现在个人排名第 4 名，共 4 人" in result
    assert "看错题" in result
    assert "再答一次" in result
    assert "综合分：参与率和平均分各占 50 分。同分先看参与率" in notice
    assert "同分先看用时，再看交卷先后" in notice
    decide_ranking(exam, at=time.now(), visibility="nobody")
    for path in (f"/s/{number}/result", f"/e/{exam.code}/notice"):
        page = phone.client.get(path).get_data(as_text=True)
        assert not [word for word in ("排名", "综合分") if word in page.replace("排名看用时", "")]
