"""Who may begin when: in words (exams.admission), by start() and by the one statement, case by case."""

import io
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from factories import PASSWORD, Phone, make_account, make_bank, make_exam, make_person, make_unit
from flask import Flask
from sqlalchemy import select

from quiz import closer
from quiz.errors import RuleBroken
from quiz.exams import admission, batching, rules
from quiz.exams.admission import Window
from quiz.exams.models import Exam, ExamPerson, Paper
from quiz.extensions import db, transaction
from quiz.people.models import Unit
from quiz.sittings import services
from quiz.sittings.models import Sitting
from quiz.tokens import Candidate

MINUTE, TICK = timedelta(minutes=1), timedelta(milliseconds=1)
#: 0:00 of 25 November here.
MIDNIGHT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


@pytest.fixture
def unit(app: object) -> Unit:
    return make_unit()


@pytest.fixture
def exam(app: object, time: Any) -> Exam:
    return make_exam(make_bank(at=time.now()), at=time.now(), preset="monthly", chances=0)


def with_settings(exam: Exam, **values: Any) -> Exam:
    with transaction():
        for name, value in values.items():
            setattr(exam, name, value)
    return exam


def batch(exam: Exam, unit: Unit, opens: datetime, closes: datetime, *, at: datetime) -> None:
    with transaction():
        chosen = {"unit_ids": [unit.id], "window": Window(opens, closes)}
        batching.set_batch(exam, **chosen, reason="场地", at=at, who="olga")


_PHONES = itertools.count(13900000000)


def both_agree(exam: Exam, unit: Unit, *, at: datetime) -> bool:
    """Whether somebody of the unit may begin: start() and the statement, asked for one person each."""
    verdicts = []
    for handed in (True, False):
        person = make_person("试考", unit=unit, phone=str(next(_PHONES)))
        try:
            with transaction():
                if handed:
                    services.draw_paper(exam, person_id=person.id, number=1)
                else:
                    services.start(exam=exam, person=person, at=at)
            candidate = Candidate(person.id, exam.id, "")
            begun = not handed or services.hand_out(candidate=candidate, code=exam.code, at=at)
            verdicts.append(bool(begun))
        except RuleBroken:
            verdicts.append(False)
        db.session.rollback()
    assert verdicts[0] == verdicts[1], at
    return verdicts[0]


def test_windows_and_late_entry_to_the_millisecond(exam: Exam, unit: Unit, time: Any) -> None:
    opened, other = time.now(), make_unit("双桥镇")
    opens, closes = opened + 30 * MINUTE, opened + 60 * MINUTE
    batch(exam, unit, opens, closes, at=opened - MINUTE)
    with_settings(exam, late_minutes=10)
    cases = [
        (opens - TICK, False),
        (opens, True),
        (opens + 10 * MINUTE, True),
        (opens + 10 * MINUTE + TICK, False),
    ]
    for at, allowed in cases:
        assert both_agree(exam, unit, at=at) is allowed, at
    for minutes, allowed in ((0, True), (10, True), (11, False), (35, False)):
        assert both_agree(exam, other, at=opened + minutes * MINUTE) is allowed, minutes
    with_settings(exam, late_minutes=None)
    for at, allowed in ((closes - TICK, True), (closes, False)):
        assert both_agree(exam, unit, at=at) is allowed, at
    assert both_agree(exam, other, at=closes) is True


def test_an_end_by_the_organiser_ends_every_batch(exam: Exam, unit: Unit, time: Any) -> None:
    opened = time.now()
    batch(exam, unit, opened + 30 * MINUTE, opened + 60 * MINUTE, at=opened - MINUTE)
    with_settings(exam, ended_at=opened + 40 * MINUTE)
    found = [both_agree(exam, unit, at=opened + n * MINUTE) for n in (39, 40, 50)]
    assert found == [True, False, False]


def test_the_deadline_is_the_end_of_the_batch(exam: Exam, unit: Unit, app: Flask, time: Any) -> None:
    batch(exam, unit, time.now(), time.now() + 15 * MINUTE, at=time.now() - MINUTE)
    person = make_person(unit=unit)
    assert Phone(app.test_client(), exam, person).start().get_json()["seconds_left"] == 15 * 60


def test_outside_its_batch_a_unit_sees_its_own_time(exam: Exam, unit: Unit, app: Flask, time: Any) -> None:
    batch(exam, unit, time.now() + 30 * MINUTE, time.now() + 60 * MINUTE, at=time.now() - MINUTE)
    phone = Phone(app.test_client(), exam, make_person(unit=unit))
    document = phone.client.get(f"/api/v1/exams/{exam.code}").get_json()
    assert (document["state"], document["opens_in"]) == ("scheduled", 1800.0)
    page = phone.client.get(f"/e/{exam.code}/notice").get_data(as_text=True)
    assert "11 月 24 日 12:30 至 13:00" in page
    assert "12:30 开考，还有 30 分钟" in page
    refused = phone.start()
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "not-open-yet")


def test_chances_of_a_day_begin_anew_at_midnight_here(exam: Exam, unit: Unit, app: Flask, time: Any) -> None:
    with_settings(exam, daily=2, closes_at=time.now() + timedelta(days=3))
    phone = Phone(app.test_client(), exam, make_person(unit=unit))
    # 23:59:58 and 23:59:59 of one day, then 0:00:00 of the next.
    answers = []
    for moment in (
        MIDNIGHT - 2000 * TICK,
        MIDNIGHT - 1000 * TICK,
        MIDNIGHT - TICK,
        MIDNIGHT,
        MIDNIGHT + TICK,
        MIDNIGHT,
    ):
        time.at = moment
        reply = phone.start()
        answers.append(reply.status_code)
        if reply.status_code == 201:
            phone.submit(reply.get_json()["sitting"])
    assert answers == [201, 201, 409, 201, 201, 409]
    assert reply.get_json()["error"]["message"] == "今天的 2 次机会已用完，明天可以再来。"
    last = max(db.session.scalars(select(Sitting.id)))
    assert "再答一次" not in phone.client.get(f"/s/{last}/result").get_data(as_text=True)
    time.at = MIDNIGHT + timedelta(days=1)
    assert "再答一次" in phone.client.get(f"/s/{last}/result").get_data(as_text=True)
    time.at = MIDNIGHT
    assert phone.client.get(f"/api/v1/exams/{exam.code}").get_json()["chances_left"] == 0
    assert "今天的 2 次机会已用完" in phone.client.get(f"/e/{exam.code}/notice").get_data(as_text=True)


def test_hours_of_a_day_to_the_millisecond(exam: Exam, unit: Unit, time: Any) -> None:
    """Open from noon of the 24th for three days, from 8:30 to 20:00 of each."""
    opened, hour = time.now(), 60 * MINUTE
    with_settings(exam, closes_at=opened + timedelta(days=3), day_opens=8 * 60 + 30, day_closes=20 * 60)
    morning, evening = MIDNIGHT + 8.5 * hour, MIDNIGHT - 4 * hour
    cases = [
        (opened - TICK, False),
        (opened, True),
        (evening - TICK, True),
        (evening, False),
        (MIDNIGHT - TICK, False),
        (MIDNIGHT, False),
        (morning - TICK, False),
        (morning, True),
        (opened + timedelta(days=3) - TICK, True),
        (opened + timedelta(days=3), False),
    ]
    for at, allowed in cases:
        assert both_agree(exam, unit, at=at) is allowed, at
    # The end by the organiser and a unit's own time go on being the end.
    batch(exam, unit, opened, opened + 2 * hour, at=opened - MINUTE)
    other = make_unit("双桥镇")
    assert [both_agree(exam, one, at=opened + 2 * hour) for one in (unit, other)] == [False, True]
    with_settings(exam, ended_at=opened + 3 * hour)
    assert both_agree(exam, other, at=opened + 3 * hour) is False


def test_a_sitting_ends_with_the_hours_of_its_day(exam: Exam, unit: Unit, app: Flask, time: Any) -> None:
    noon, ends = time.now(), MIDNIGHT - 4 * 60 * MINUTE
    with_settings(exam, closes_at=noon + timedelta(days=3), day_opens=510, day_closes=20 * 60, minutes=30)
    for number, at in enumerate((ends - 31 * MINUTE, ends - 30 * MINUTE, ends - 10 * MINUTE)):
        for handed in (True, False):
            person = make_person(unit=unit, phone=f"137{number:04}{handed:04}")
            with transaction():
                if handed:
                    services.draw_paper(exam, person_id=person.id, number=1)
                else:
                    services.start(exam=exam, person=person, at=at)
            if handed:
                assert services.hand_out(candidate=Candidate(person.id, exam.id, ""), code=exam.code, at=at)
            db.session.rollback()
            [sitting] = services.queries.sittings_of(exam.id, person.id)
            assert sitting.deadline == min(at + 30 * MINUTE, ends)


def test_outside_the_hours_the_phone_says_when_they_begin(
    exam: Exam, unit: Unit, app: Flask, time: Any
) -> None:
    with_settings(exam, closes_at=time.now() + timedelta(days=3), day_opens=510, day_closes=20 * 60)
    phone = Phone(app.test_client(), exam, make_person(unit=unit))
    time.at = MIDNIGHT - TICK
    refused = phone.start()
    said = "每天 8:30 至 20:00 开放。11 月 25 日 8:30 开放。"
    assert (refused.status_code, refused.get_json()["error"]["message"]) == (409, said)
    document = phone.client.get(f"/api/v1/exams/{exam.code}").get_json()
    assert (document["state"], document["opens_in"]) == ("scheduled", 8.5 * 3600)
    assert any("每天 8:30 至 20:00 开放，到 20:00 自动交卷" in line for line in document["rules"])
    time.at = MIDNIGHT + 500 * MINUTE
    page = phone.client.get(f"/e/{exam.code}/notice").get_data(as_text=True)
    assert "8:30 开放，还有 10 分钟" in page
    assert "正在进行" not in app.test_client().get("/").get_data(as_text=True)
    time.at = MIDNIGHT + timedelta(days=2, hours=20)
    assert phone.start().get_json()["error"]["code"] == "exam-closed"


HOURS = admission.Hours(8 * 60, 22 * 60)
LOCAL = MIDNIGHT.astimezone(ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("opens", "closes", "at", "expected"),
    [
        (0, 72, -1, (8, 22)),
        (0, 72, 7, (8, 22)),
        (0, 72, 21, (8, 22)),
        (0, 72, 22, (32, 46)),
        (10, 72, 9, (10, 22)),
        (23, 72, 5, (32, 46)),
        (0, 60, 58, (56, 60)),
        (0, 54, 50, (32, 46)),
        (0, 72, 71, (56, 70)),
        (0, 72, 99, (56, 70)),
        # Nothing of the hours is in the window.
        (23, 30, 24, (30, 30)),
    ],
)
def test_the_stretch_that_is_open_or_opens_next(
    opens: int, closes: int, at: int, expected: tuple[int, int]
) -> None:
    hours = [timedelta(hours=n) for n in (opens, closes, at)]
    window = Window(MIDNIGHT + hours[0], MIDNIGHT + hours[1])
    found = admission.stretch(window, HOURS, at=LOCAL + hours[2])
    assert tuple((instant - MIDNIGHT) / timedelta(hours=1) for instant in found) == expected


@pytest.mark.parametrize(
    ("opens", "closes", "wrong"),
    [
        (None, None, ""),
        (480, 1320, ""),
        (0, 1440, ""),
        (480, None, "要都填"),
        (480, 480, "晚于"),
        (1320, 480, "晚于"),
        (0, 1441, "晚于"),
        (0, 30, "没有一段"),
    ],
)
def test_hours_that_cannot_be(opens: int | None, closes: int | None, wrong: str) -> None:
    window = Window(LOCAL + timedelta(hours=1), LOCAL + timedelta(hours=23))
    if not wrong:
        admission.check_hours(opens, closes, window=window)
        return
    with pytest.raises(rules.BadSettings, match=wrong):
        admission.check_hours(opens, closes, window=window)


@pytest.mark.parametrize(
    ("sat", "chances", "today", "daily", "left"),
    [
        (0, 0, 0, 0, None),
        (1, 3, 1, 0, 2),
        (1, 3, 1, 1, 0),
        (4, 5, 0, 2, 1),
        (9, 0, 1, 2, 1),
        (5, 5, 0, 2, 0),
    ],
)
def test_how_many_chances_are_left(sat: int, chances: int, today: int, daily: int, left: int | None) -> None:
    found = admission.chances_left(sat=sat, chances=chances, today=today, daily=daily)
    assert found == left
    if left == 0:
        with pytest.raises(rules.NoChancesLeft):
            admission.check_chances(sat=sat, chances=chances, today=today, daily=daily, best=None)
    else:
        admission.check_chances(sat=sat, chances=chances, today=today, daily=daily, best=None)


def test_late_entry_is_about_the_first_sitting_only() -> None:
    window = Window(MIDNIGHT, MIDNIGHT + 120 * MINUTE)
    found = {
        (sat, minutes): admission.is_late(
            window=window, late_minutes=30, sat=sat, at=MIDNIGHT + minutes * MINUTE
        )
        for sat, minutes in itertools.product((0, 1), (30, 31))
    }
    assert found == {(0, 30): False, (0, 31): True, (1, 30): False, (1, 31): False}


def test_who_comes_too_late_is_told(exam: Exam, unit: Unit, app: Flask, time: Any) -> None:
    with_settings(exam, late_minutes=30)
    phone = Phone(app.test_client(), exam, make_person(unit=unit))
    assert "开考 30 分钟后不能再入场" in phone.client.get(f"/api/v1/exams/{exam.code}").get_data(as_text=True)
    time.move(minutes=31)
    refused = phone.start()
    assert (refused.status_code, "入场时间已于" in refused.get_json()["error"]["message"]) == (409, True)
    page = phone.client.get(f"/e/{exam.code}/notice").get_data(as_text=True)
    assert "开始答题" not in page.split("<h2")[0]


def test_only_the_named_identities(exam: Exam, unit: Unit, app: Flask, time: Any) -> None:
    with_settings(exam, identities=["专职信访干部"], opens_at=time.now() + MINUTE)
    full = make_person(unit=unit, identity="专职信访干部")
    make_person("柳青", unit=unit, phone="13800000002", identity="兼职信访干部")
    closer.draw_ahead(at=time.now())
    assert list(db.session.scalars(select(Paper.person_id))) == [full.id]
    body = {"exam": exam.code, "name": "柳青", "phone": "13800000002"}
    refused = app.test_client().post("/api/v1/sign-in", json=body)
    assert (refused.status_code, "只有专职信访干部参加" in refused.get_json()["error"]["message"]) == (
        403,
        True,
    )


@pytest.fixture
def desk(app: Flask, time: Any) -> Any:
    make_account(at=time.now())
    client = app.test_client()
    client.post("/admin/sign-in", data={"name": "olga", "password": PASSWORD})
    return client


MESSY = """2026年度参考人员名单,,,
单 位,姓　名,手机号码,工号
青石镇,安宁,138 0000 0001,
青石镇,柳青,1.38E+10,
青石镇,不在册,13800000077,
双桥镇,重名,,
双桥镇,路远,,AL7
合计,5 人,,
"""


def test_a_list_from_a_messy_file_is_reported_by_row(exam: Exam, unit: Unit, desk: Any, time: Any) -> None:
    with_settings(exam, opens_at=time.now() + MINUTE)
    other = make_unit("双桥镇")
    named = [
        make_person(unit=unit),
        make_person("柳青", unit=unit, phone="13800000002"),
        make_person("路远", unit=other, phone="13800000003", number="AL7"),
    ]
    for phone in ("13800000004", "13800000005"):
        make_person("重名", unit=other, phone=phone)
    file = (io.BytesIO(MESSY.encode("gbk")), "名单.csv")
    page = desk.post(f"/admin/exams/{exam.code}/list", data={"file": file}).get_data(as_text=True)
    found = set(db.session.scalars(select(ExamPerson.person_id)))
    assert found <= {one.id for one in named}
    assert {named[0].id, named[2].id} <= found
    assert "名册里没有“不在册”（青石镇），没有加入名单" in page
    assert "重名" in page
    closer.draw_ahead(at=time.now())
    assert set(db.session.scalars(select(Paper.person_id))) == found
    desk.post(f"/admin/exams/{exam.code}/list/drop")
    closer.draw_ahead(at=time.now())
    assert len(list(db.session.scalars(select(Paper.id)))) == 5
    nobody = (io.BytesIO("姓名,单位,手机号\n无人,别处,13900000000\n".encode()), "x.csv")
    refused = desk.post(f"/admin/exams/{exam.code}/list", data={"file": nobody})
    assert (refused.status_code, "没有一个人在名册里" in refused.get_data(as_text=True)) == (422, True)


def test_batches_are_set_and_taken_back_at_the_desk(exam: Exam, unit: Unit, desk: Any, time: Any) -> None:
    with_settings(exam, opens_at=time.now() + MINUTE)
    sent = {"opens_at": "2026-11-24T13:00", "closes_at": "2026-11-24T13:30", "units": [str(unit.id)]}
    assert desk.post(f"/admin/exams/{exam.code}/batches", data=sent).status_code == 303
    page = desk.get(f"/admin/exams/{exam.code}/batches").get_data(as_text=True)
    assert "2026 年 11 月 24 日 13:00 至 13:30" in page
    outside = desk.post(f"/admin/exams/{exam.code}/batches", data=sent | {"closes_at": "2026-11-24T20:00"})
    assert (outside.status_code, "之内" in outside.get_data(as_text=True)) == (422, True)
    time.move(minutes=30)
    silent = desk.post(f"/admin/exams/{exam.code}/batches", data=sent | {"opens_at": "2026-11-24T13:10"})
    assert "改动要写明原因" in silent.get_data(as_text=True)
    later = sent | {"opens_at": "2026-11-24T13:10", "reason": "停电"}
    assert desk.post(f"/admin/exams/{exam.code}/batches", data=later).status_code == 303
    time.move(minutes=60)
    begun = desk.post(f"/admin/exams/{exam.code}/batches", data=later | {"drop": "1"})
    assert (begun.status_code, "这一批已经开考" in begun.get_data(as_text=True)) == (422, True)


def test_a_shift_moves_what_is_not_over(exam: Exam, unit: Unit, time: Any) -> None:
    at, other = time.now(), make_unit("双桥镇")
    batch(exam, unit, at, at + 10 * MINUTE, at=at - MINUTE)
    batch(exam, other, at + 20 * MINUTE, at + 40 * MINUTE, at=at - MINUTE)
    with transaction():
        batching.shift(exam, by=5 * MINUTE, after=at + 15 * MINUTE)
    found = {unit_id: window.closes_at - at for unit_id, window in batching.queries.windows(exam).items()}
    assert found == {unit.id: 10 * MINUTE, other.id: 45 * MINUTE}
