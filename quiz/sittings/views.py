"""What a cadre sees on the phone: home, identification, notice, the sitting, its result and review."""

from contextlib import suppress
from datetime import datetime

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError

from quiz import clock, puzzles, web
from quiz.errors import NotFound, RuleBroken
from quiz.exams import queries as exams
from quiz.exams import terms
from quiz.exams.models import Exam
from quiz.exams.rules import Mode, State, UnknownExam
from quiz.extensions import transaction
from quiz.limits import limited
from quiz.people import queries as people
from quiz.people.forms import NumberForm, PhoneForm
from quiz.people.models import Person
from quiz.sittings import appeals, events, forms, pages, queries, releasing, rules, services
from quiz.sittings.join_forms import ContestForm, PupilForm
from quiz.sittings.models import Sitting
from quiz.sittings.rooming import WrongRoomCode

blueprint = Blueprint("sittings", __name__)
_SITTING = "/s/<int:sitting_id>"
CONTEST_FORMS = (ContestForm, PupilForm)
_RACES = 3


@blueprint.get("/")
def home() -> ResponseReturnValue:
    at, code = clock.now(), request.args.get("code", "")
    refusal = None
    if code:
        try:
            return redirect(url_for(".join", code=exams.exam_by_code(web.clean(code, longest=20)).code))
        except UnknownExam as error:
            refusal = error
    cards = [pages.card(exam, at=at) for exam in pages.current_exams(at=at)]
    under_way = pages.under_way(web.known_candidate(), at=at)
    page = render_template("sittings/home.html", cards=cards, code=code, refusal=refusal, under_way=under_way)
    return page, refusal.status if refusal else 200


@blueprint.route("/e/<code>", methods=["GET", "POST"])
def join(code: str) -> ResponseReturnValue:
    at, exam, refusal = clock.now(), exams.exam_by_code(code), None
    goal = _after_joining(exam, _known(exam)) if "other" not in request.args else None
    if request.method != "POST" and goal:
        return redirect(goal)
    form = _join_form(exam, at=at)
    if form.validate_on_submit():
        try:
            return _let_in(exam, form, at=at)
        except RuleBroken as error:
            refusal = error
    return _join_page(exam, form, refusal, at=at)


def _join_page(
    exam: Exam, form: FlaskForm, refusal: RuleBroken | None, *, at: datetime
) -> ResponseReturnValue:
    facts = {"exam": exam, "form": form, "card": pages.card(exam, at=at), "terms": terms.terms_of(exam)}
    page = "sittings/enrol.html" if isinstance(form, CONTEST_FORMS) else "sittings/join.html"
    status = refusal.status if refusal else 422 if form.errors else 200
    return render_template(page, refusal=refusal, puzzle=_puzzle(exam), **facts), status


def _puzzle(exam: Exam) -> dict[str, str] | None:
    """Only where anybody may join: who is on a roster meets no puzzle, also on a phone that many share."""
    return puzzles.fresh() if exam.mode == Mode.CONTEST else None


def _join_form(exam: Exam, *, at: datetime) -> PhoneForm | NumberForm | PupilForm:
    found = terms.terms_of(exam)
    if request.args.get("by") == "number":
        form = NumberForm()
        form.number.label.text = "参赛号" if exam.mode == Mode.CONTEST and found.pupils else "工号"
        return form
    if exam.mode != Mode.CONTEST or exams.state(exam, at=at) is not State.OPEN:
        return PhoneForm()
    form = PupilForm() if found.pupils else ContestForm()
    # A poster's address names the unit it hangs in.
    named = people.listed_unit(web.whole(request.args.get("u", ""), digits=9))
    form.offer(pages.units_offered(exam), preset=named.name if named else None)
    return form.by(found)


def _let_in(exam: Exam, form: PhoneForm | NumberForm | PupilForm, *, at: datetime) -> ResponseReturnValue:
    """As _enter(); in a contest a browser on which much went wrong answers a puzzle first."""
    if exam.mode != Mode.CONTEST:
        return _enter(exam, form, at=at)
    puzzles.check()
    try:
        return _enter(exam, form, at=at)
    except RuleBroken as refusal:
        if refusal.status == 401:
            puzzles.missed()
        raise


def _enter(exam: Exam, form: PhoneForm | NumberForm | PupilForm, *, at: datetime) -> ResponseReturnValue:
    if isinstance(form, PupilForm):
        return _enter_as_pupil(exam, form, at=at)
    if isinstance(form, ContestForm):
        with transaction():
            person = form.join(exam, at=at)
    else:
        person = form.identify()
        services.check_invited(exam, person)
    if exam.mode == Mode.CONTEST:
        puzzles.entered(person.id)
    goal = _after_joining(exam, person) or url_for(".notice", code=exam.code)
    response = make_response(redirect(goal, 303))
    web.remember_candidate(response, person=person.id, exam=exam.id)
    return response


def _enter_as_pupil(exam: Exam, form: PupilForm, *, at: datetime) -> ResponseReturnValue:
    """The number and the passcode to note down: not at an address of their own, which would keep them."""
    for _ in range(_RACES):
        # The button pressed twice at once: the other press was first, and asking again finds its number.
        with suppress(IntegrityError), transaction():
            pupil = form.join(exam, at=at)
            break
    puzzles.entered(pupil.person.id)
    response = make_response(render_template("sittings/number.html", exam=exam, pupil=pupil))
    web.remember_candidate(response, person=pupil.person.id, exam=exam.id)
    return response


def _after_joining(exam: Exam, person: Person | None) -> str | None:
    """The notice, or the sitting that asked for identification (``?back=42``) if it is this person's."""
    back = request.args.get("back")
    if person is None or back is None:
        return url_for(".notice", code=exam.code) if person else None
    mine = any(str(sitting.id) == back for sitting in queries.sittings_of(exam.id, person.id))
    return url_for(".sit", sitting_id=int(back)) if mine else None


@blueprint.get("/e/<code>/notice")
def notice(code: str) -> ResponseReturnValue:
    exam = exams.exam_by_code(code)
    if _known(exam) is None:
        return redirect(url_for(".join", code=exam.code))
    return _notice(exam, forms.StartForm(), None, at=clock.now())


def _notice(exam: Exam, form: FlaskForm, refusal: RuleBroken | None, *, at: datetime) -> ResponseReturnValue:
    person = _known(exam)
    if person is None:
        raise NotFound
    for sitting in queries.sittings_of(exam.id, person.id):
        _finalise_if_due(sitting, at=at)
    facts = pages.notice_facts(exam, person, phone=web.candidate().phone, at=at)
    page = render_template("sittings/notice.html", form=form, refusal=refusal, **facts)
    return page, refusal.status if refusal else 422 if form.errors else 200


@blueprint.post("/e/<code>/notice")
def start(code: str) -> ResponseReturnValue:
    at, candidate, form, refusal = clock.now(), web.candidate(), forms.StartForm(), None
    if form.validate():
        try:
            with limited("room", str(candidate.person), only=WrongRoomCode), transaction():
                exam, person = queries.own_exam(candidate, code), queries.own_person(candidate)
                given = {"phone": candidate.phone, "room_code": form.room_code.data}
                sitting, _ = services.start(exam=exam, person=person, at=at, **given)
            return redirect(url_for(".sit", sitting_id=sitting.id), 303)
        except IntegrityError:
            # Started on two phones at once: the other was first, and the notice offers its sitting.
            return redirect(url_for(".notice", code=code), 303)
        except RuleBroken as error:
            refusal = error
    return _notice(queries.own_exam(candidate, code), form, refusal, at=at)


@blueprint.get(_SITTING)
def sit(sitting_id: int) -> ResponseReturnValue:
    at, candidate = clock.now(), web.candidate()
    sitting = queries.own_sitting(candidate, sitting_id)
    _finalise_if_due(sitting, at=at)
    if sitting.submitted_at is not None:
        return redirect(url_for(".result", sitting_id=sitting_id))
    if rules.is_elsewhere(sitting.phone, candidate.phone):
        return redirect(url_for(".notice", code=sitting.exam.code))
    facts = pages.sitting_facts(sitting) | {"away": events.away(candidate, sitting)}
    facts |= {"phone": candidate.phone, "carry": web.carry_key(candidate, sitting.id)}
    paper, csrf = queries.paper_document(sitting, at=at), web.csrf_token()
    return render_template("sittings/sit.html", sitting=sitting, paper=paper, facts=facts, csrf=csrf)


@blueprint.post(f"{_SITTING}/take-over")
def take_over(sitting_id: int) -> ResponseReturnValue:
    at, candidate = clock.now(), web.candidate()
    with transaction():
        events.take_over(queries.own_sitting(candidate, sitting_id), candidate, at=at)
    return redirect(url_for(".sit", sitting_id=sitting_id), 303)


@blueprint.get(f"{_SITTING}/result")
def result(sitting_id: int) -> ResponseReturnValue:
    at = clock.now()
    sitting = queries.own_sitting(web.candidate(), sitting_id)
    _finalise_if_due(sitting, at=at)
    if sitting.submitted_at is None:
        return redirect(url_for(".sit", sitting_id=sitting_id))
    facts, csrf = pages.result_facts(sitting, at=at), web.csrf_token()
    return render_template("sittings/result.html", sitting=sitting, csrf=csrf, **facts)


@blueprint.get(f"{_SITTING}/review")
def review(sitting_id: int) -> ResponseReturnValue:
    at, sitting = clock.now(), queries.own_sitting(web.candidate(), sitting_id)
    if not releasing.may_review(sitting, at=at):
        return redirect(url_for(".result", sitting_id=sitting_id))
    shown = pages.review_page(sitting, at=at, position=request.args.get("item", type=int))
    return render_template("sittings/review.html", sitting=sitting, **shown)


@blueprint.route(f"{_SITTING}/appeal", methods=["GET", "POST"])
def appeal(sitting_id: int) -> ResponseReturnValue:
    at, candidate, form, refusal = clock.now(), web.candidate(), forms.AppealForm(), None
    sitting = queries.own_sitting(candidate, sitting_id)
    if request.method == "POST":
        try:
            with transaction():
                appeals.ask(queries.own_sitting(candidate, sitting_id), reason=form.reason.data, at=at)
            return redirect(url_for(".result", sitting_id=sitting_id), 303)
        except RuleBroken as error:
            refusal = error
    elif not pages.appeal_facts(sitting, at=at)["open"]:
        return redirect(url_for(".result", sitting_id=sitting_id))
    page = render_template("sittings/appeal.html", sitting=sitting, form=form, refusal=refusal)
    return page, refusal.status if refusal else 200


def _known(exam: Exam) -> Person | None:
    return pages.known_person(exam, web.known_candidate())


def _finalise_if_due(sitting: Sitting, *, at: datetime) -> None:
    if services.is_due(sitting, at=at):
        with transaction():
            services.finalise_if_due(sitting.id, at=at)
