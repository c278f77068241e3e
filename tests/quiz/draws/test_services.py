"""The steps of a draw as a ledger: in order, each once, nothing changed after publication."""

from datetime import timedelta
from typing import Any

import pytest
from factories import forget, make_account, make_bank, make_exam, make_person, make_result, make_unit
from flask import Flask

from quiz.access import Role
from quiz.audit.models import Deed
from quiz.audit.rules import WORDS
from quiz.audit.services import record
from quiz.draws import queries, rules, services
from quiz.draws.models import Draw
from quiz.draws.rules import BadDraw, Eligible, State, Tier, WrongStep
from quiz.exams.models import Enrolment
from quiz.exams.rules import Mode
from quiz.extensions import db, transaction
from quiz.people.models import Person
from quiz.sittings import flags
from quiz.sittings.flagging import Flag
from quiz.sittings.models import Sitting

NUMBERS = [("何静安", "385"), ("安宁", "027"), ("林荷", "914")]
DAYS = {"notice_days": 5, "claim_days": 30}


class Fair:
    """Eight persons who passed and one who did not, of two units; deeds in a transaction each."""

    def __init__(self, time: Any) -> None:
        self.time = time
        self.exam = make_exam(make_bank(at=time.now()), at=time.now())
        units = [make_unit(), make_unit("石门乡")]
        self.persons = [
            make_person(f"安宁{'一二三四五六七八九'[n]}", unit=units[n % 2], phone=f"1390000{1000 + n}")
            for n in range(9)
        ]
        for n, person in enumerate(self.persons):
            make_result(self.exam, person, "40" if n == 8 else str(99 - n), at=time.now())

    def prepare(self, **more: Any) -> Draw:
        wishes = {
            "title": "宣传月抽奖",
            "tiers": [Tier("二等奖", 2), Tier("一等奖", 1)],
            "eligible": Eligible.PASSED,
            "alternates": 2,
        }
        with transaction():
            settings = services.Settings(**(wishes | more))
            return services.prepare(self.exam, settings=settings, at=self.time.now(), who="olga")

    def do(self, name: str, draw: Draw, **more: Any) -> None:
        with transaction():
            getattr(services, name)(draw, at=self.time.now(), who="olga", **more)

    def drawn(self, **more: Any) -> Draw:
        draw = self.prepare(**more)
        self.do("publish", draw)
        self.do("agree", draw, numbers=NUMBERS, witnesses="县纪委监委 何某")
        self.do("hold", draw)
        return draw

    def announced(self, **more: Any) -> Draw:
        draw = self.drawn(**more)
        self.do("announce", draw, **DAYS)
        return draw


@pytest.fixture
def fair(app: Flask, time: Any) -> Fair:
    return Fair(time)


def test_from_the_list_to_the_last_prize(fair: Fair) -> None:
    draw = fair.announced()
    rows = queries.winners(draw)
    assert [row.tier for row in rows] == ["二等奖", "二等奖", "一等奖", "", ""]
    assert len({row.person_id for row in rows}) == 5
    assert rules.verify(draw.document) == []
    for row in rows[:3]:
        fair.do("hand_over", draw, number=row.number, shown=row.claim_code)
    fair.do("close", draw)
    assert draw.state == State.CLOSED
    told = [step.what for step in queries.steps(draw)]
    assert told == ["prepared", "published", "agreed", "drawn", "announced", *["claimed"] * 3, "closed"]
    kept = db.session.query(Deed).filter(Deed.subject == f"draw:{draw.code}").all()
    assert [deed.what.partition(".")[2] for deed in kept] == told
    assert {deed.what for deed in kept} <= set(WORDS)


STEPS = {
    "publish": {},
    "agree": {"numbers": NUMBERS, "witnesses": "某"},
    "hold": {},
    "announce": DAYS,
    "close": {},
}


@pytest.mark.parametrize("done", range(5))
def test_no_step_out_of_order_or_twice(fair: Fair, done: int) -> None:
    draw = fair.prepare()
    names = list(STEPS)
    for name in names[:done]:
        fair.do(name, draw, **STEPS[name])
    for name in names[:done] + names[done + 1 :]:
        with pytest.raises((WrongStep, BadDraw)):
            fair.do(name, draw, **STEPS[name])
    before = draw.document
    for name in ("exclude", "include")[: 2 if done else 0]:
        more = {"reason": "命题人员"} if name == "exclude" else {}
        with pytest.raises(WrongStep):
            fair.do(name, draw, person=fair.persons[0], **more)
    assert draw.document == before


def test_the_list_stays_whatever_happens_to_people_and_results(fair: Fair) -> None:
    draw = fair.prepare()
    fair.do("publish", draw)
    before = queries.published_json(draw)
    with transaction():
        gone = db.session.get(Person, fair.persons[0].id)
        gone.active, gone.name = False, "改名"
    late = make_person("后来", unit=fair.persons[0].unit, phone="13911112222")
    make_result(fair.exam, late, "100", at=fair.time.now())
    assert queries.published_json(draw) == before
    fair.do("agree", draw, numbers=NUMBERS, witnesses="某")
    fair.do("hold", draw)
    assert rules.verify(draw.document) == []


def test_who_is_left_out_and_why(fair: Fair) -> None:
    make_account("安宁一", at=fair.time.now())
    first = fair.announced(tiers=[Tier("奖", 1)], alternates=0)
    won = queries.winners(first)[0].person_id
    draw = fair.prepare()
    named = next(one for one in fair.persons[1:8] if one.id != won)
    fair.do("exclude", draw, person=named, reason="命题人员")
    reasons = {one.person_id: why for one, why in queries.pool(draw).excluded}
    assert reasons == {fair.persons[0].id: "看过题库的工作人员", won: "以前中过奖", named.id: "命题人员"}
    assert len(queries.pool(draw).listed) == 5
    fair.do("include", draw, person=named)
    assert len(queries.pool(draw).listed) == 6


def test_staff_is_known_by_name_and_unit_and_by_what_they_saw(fair: Fair) -> None:
    first, second = fair.persons[0].unit, fair.persons[1].unit
    manager = {"role": Role.UNIT_MANAGER, "at": fair.time.now()}
    make_account("安宁一", unit=first, **manager)
    make_account("安宁三", unit=second, **manager)  # a namesake: Ann the third is of the first unit
    make_account("安宁四", role=Role.NONE, at=fair.time.now())
    with transaction():
        record(who="安宁五", what="question.edit", subject="question:1", at=fair.time.now())
    draw = fair.prepare()
    reasons = {one.name: why for one, why in queries.pool(draw).excluded}
    assert reasons == {"安宁一": "工作人员", "安宁五": "看过题库的工作人员"}
    fair.do("publish", draw)
    assert "按规则排除 2 人（工作人员 1 人，看过题库的工作人员 1 人）" in draw.document["rule"]


def test_who_was_too_fast_wins_no_place_before_somebody_looked(app: Flask, fair: Fair) -> None:
    exam, person = fair.exam, fair.persons[0]
    with transaction():
        exam.mode = "contest"
        made = db.session.scalars(db.select(Sitting).where(Sitting.person_id == person.id)).one()
        made.started_at = made.submitted_at - timedelta(seconds=9)
    draw = fair.prepare(eligible=Eligible.TOP, number=4)
    assert [why for _, why in queries.pool(draw).excluded] == ["答得太快，还没有复核"]
    assert not queries.pool(fair.prepare()).excluded
    with transaction():
        assert flags.clear_all(exam, Flag.SPEED, at=fair.time.now(), who="olga") == 1
    forget(app)
    assert not queries.pool(draw).excluded


def test_a_rehearsal_is_another_list_and_excludes_nobody_later(fair: Fair) -> None:
    rehearsed = fair.announced(rehearsal=True)
    draw = fair.prepare(no_staff=False)
    assert len(queries.pool(draw).listed) == 8
    fair.do("publish", draw)
    assert rehearsed.document["fingerprint"] != draw.document["fingerprint"]
    assert rules.canonical_list(rehearsed.document).splitlines()[1] == "彩排"


def test_one_phone_is_on_the_list_once(fair: Fair) -> None:
    twin = make_person("另一人", unit=fair.persons[0].unit, phone=fair.persons[0].phone)
    make_result(fair.exam, twin, "95", at=fair.time.now())
    pool = queries.pool(fair.prepare())
    assert [(one.name, why) for one, why in pool.excluded] == [("另一人", "手机号重复，只留一人")]


def test_more_prizes_than_people_is_refused(fair: Fair) -> None:
    draw = fair.prepare(tiers=[Tier("奖", 9)])
    with pytest.raises(BadDraw, match="只有 8 人"):
        fair.do("publish", draw)
    assert db.session.get(Draw, draw.id).state == State.PREPARED


def test_unclaimed_falls_to_the_next_alternate(fair: Fair) -> None:
    draw = fair.announced()
    with pytest.raises(BadDraw, match="期限还没到"):
        fair.do("lapse", draw, number=1, claim_days=7)
    with pytest.raises(BadDraw, match="领奖码不对"):
        fair.do("hand_over", draw, number=1, shown="no")
    fair.time.move(days=31)
    fair.do("lapse", draw, number=1, claim_days=7)
    with pytest.raises(WrongStep):
        fair.do("lapse", draw, number=1, claim_days=7)
    rows = queries.winners(draw)
    assert (rows[3].tier, rows[3].instead_of) == ("二等奖", 1)
    assert [line.note for line in queries.public_lines(draw)] == ["视为放弃", "", "", "递补"]
    with pytest.raises(BadDraw, match="还有人没到"):
        fair.do("close", draw)
    with pytest.raises(WrongStep):
        fair.do("hand_over", draw, number=1, shown=rows[0].claim_code)
    fair.do("hand_over", draw, number=4, shown=rows[3].claim_code)
    with pytest.raises(WrongStep):
        fair.do("hand_over", draw, number=4, shown=rows[3].claim_code)


def test_somebody_without_a_phone_shows_papers(fair: Fair) -> None:
    draw = fair.announced()
    for shown in ("", "000", "１２３４５６", "身份证"):
        with pytest.raises(BadDraw, match="领奖码不对"):
            fair.do("hand_over", draw, number=1, shown=shown)
    fair.do("hand_over", draw, number=1, shown="核对居民身份证")
    assert queries.steps(draw)[-1].detail == "1 核对居民身份证"


def test_an_abandoned_draw_stays_with_its_reason(fair: Fair) -> None:
    draw = fair.drawn()
    with pytest.raises(BadDraw):
        fair.do("abandon", draw, reason=" ")
    fair.do("abandon", draw, reason="名单漏了一个单位")
    with pytest.raises(WrongStep):
        fair.do("announce", draw, **DAYS)
    again = fair.prepare()
    fair.do("publish", again)
    assert [one.reason for one in queries.abandoned_before(again)] == ["名单漏了一个单位"]


def test_uncovering_pressed_twice_is_one_step(fair: Fair) -> None:
    draw = fair.drawn()
    for _ in range(2):
        fair.do("show", draw, shown=0)
        db.session.refresh(draw)
    assert draw.shown == 1
    shown = queries.stage_document(draw, at=fair.time.now())
    assert (len(shown["winners"]), shown["tier"]) == (1, "二等奖")


def test_of_a_contest_only_those_are_named_who_agreed(app: Flask, time: Any) -> None:
    fair = Fair(time)
    with transaction():
        fair.exam.mode = Mode.CONTEST.value
        for person in fair.persons[:3]:
            db.session.add(
                Enrolment(exam_id=fair.exam.id, person_id=person.id, joined_at=time.now(), publish=True)
            )
        silent = fair.persons[3]
        db.session.add(Enrolment(exam_id=fair.exam.id, person_id=silent.id, joined_at=time.now()))
    draw = fair.announced()
    listed = draw.document["list"] if draw.document else []
    hidden = [one for one in listed if one["name"] == rules.UNNAMED]
    # Everybody is drawn for; five of eight are a number and a mark and nothing else.
    assert (len(listed), len(hidden)) == (8, 5)
    assert all(not one["unit"] and not one["tail"] for one in hidden)
    assert rules.verify(draw.document) == []
    shown = {line.name for line in queries.public_lines(draw)}
    assert all("*" in name or (name.startswith(rules.UNNAMED) and name.endswith("号）")) for name in shown)
