"""Forms for writing a question, loading a regulation, and what the address of a bank asks for."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from question_bank import Difficulty, Kind
from question_bank.question import LABELS, LONGEST_TAG, Question
from quiz.questions import law, wording
from quiz.questions.catalogue import ANY, BY_HAND, Wanted
from quiz.questions.rules import clean_name
from quiz.questions.wording import STATES, Wording

_LONGEST = {"stem": 4000, "explanation": 4000, "basis": 300, "chapter": 100, "option": 1000, "key": 2000}


def wanted_in(given: Mapping[str, str]) -> Wanted:
    """What an address or a form asks for; anything that is none of the choices asks for nothing."""
    kind, state, source = (given.get(name, "") for name in ("kind", "state", "source"))
    return Wanted(
        kind=kind if kind in set(Kind) else "",
        chapter=given.get("chapter", "").replace("\0", "")[:200],
        difficulty=_number(given.get("difficulty", ""), 3),
        text=clean_name(given.get("text", ""))[:100],
        state=state if state in STATES or state == ANY else "",
        tag=clean_name(given.get("tag", ""))[:LONGEST_TAG],
        source=source if source == BY_HAND else str(_number(source) or ""),
        article=_number(given.get("article", "")),
    )


def _number(text: str, most: int = 2**31 - 1) -> int:
    """The number written in plain digits, 0 for anything else."""
    plain = text.isascii() and text.isdigit() and len(text) < 11
    return int(text) if plain and int(text) <= most else 0


def chosen_ids(given: Sequence[str]) -> list[int]:
    return [number for number in map(_number, given) if number]


class QuestionForm(FlaskForm):
    """One question as it is written; options, keys and blanks come as lists beside the fields."""

    version = HiddenField()
    kind = SelectField("题型", choices=[SelectChoice(kind.value, kind.chinese) for kind in Kind])
    stem = TextAreaField("题干")
    explanation = TextAreaField("解析")
    basis = StringField("依据")
    chapter = StringField("章节")
    difficulty = SelectField(
        "难度", choices=[SelectChoice(str(int(level)), level.chinese) for level in Difficulty], default="2"
    )
    points = StringField("分值")
    tags = StringField("标签")
    practisable = BooleanField("可以用来练习", default=True)

    def __init__(self, known: Wording | None = None, *, version: int = 0) -> None:
        given = _values(known, version) if known else {}
        super().__init__(data=given or None)
        question = known.question if known else None
        sent = request.form if self.is_submitted() else None
        #: Texts of the options, and what is ticked or written as the key.
        self.options = _given_options(sent) if sent else list(question.options) if question else []
        self.key = self._given_key() if sent else list(question.key) if question else []

    def _given_key(self) -> list[str]:
        if self.kind.data in (Kind.SINGLE, Kind.MULTIPLE):
            return [label for label in LABELS if label in request.form.getlist("key")]
        if self.kind.data == Kind.TRUE_FALSE:
            return (
                [wording.clean(request.form.get("truth", ""), longest=1)] if "truth" in request.form else []
            )
        text = wording.clean(request.form.get("texts", ""), longest=_LONGEST["key"])
        if self.kind.data == Kind.SHORT:
            return [text] if text else []
        return [line.strip() for line in text.split("\n")] if text else []

    @property
    def seen(self) -> int:
        return _number(self.version.data or "")

    def shown(self) -> Question:
        """The question as far as it is written, for the preview; it need not be fit."""
        kind = Kind(self.kind.data) if self.kind.data in set(Kind) else Kind.SINGLE
        texts = {name: self._text(name) for name in ("stem", "explanation", "basis", "chapter")}
        return Question(
            kind=kind,
            options=tuple(self.options) if kind.has_options else (),
            key=tuple(self.key),
            difficulty=Difficulty(_number(self.difficulty.data or "", 3) or 2),
            points=_points(self.points.data or "") or None,
            **texts,
        )

    def wording(self) -> Wording:
        return Wording(self.shown(), wording.clean_tags(self.tags.data or ""), bool(self.practisable.data))

    def _text(self, name: str) -> str:
        text = wording.clean(getattr(self, name).data or "", longest=_LONGEST[name])
        return text if name in ("stem", "explanation") else " ".join(text.split())

    def validate_points(self, field: Field) -> None:
        if field.data and field.data.strip() and _points(field.data) is None:
            raise ValidationError("分值是 0.5 到 100 之间的数，可以有一位小数。")


def _values(known: Wording, version: int) -> dict[str, Any]:
    question = known.question
    plain = {name: getattr(question, name) for name in ("stem", "explanation", "basis", "chapter")}
    return plain | {
        "version": version,
        "kind": question.kind.value,
        "difficulty": str(int(question.difficulty)),
        "points": "" if question.points is None else f"{question.points:g}",
        "tags": "、".join(known.tags),
        "practisable": known.practisable,
    }


def _given_options(sent: Any) -> list[str]:
    """The options up to the last that is not empty: one left empty in between is a fault to be told."""
    found = [wording.clean(text, longest=_LONGEST["option"]) for text in sent.getlist("option")[:26]]
    while found and not found[-1]:
        found.pop()
    return found


def _points(text: str) -> float | None:
    try:
        points = round(float(text.strip()), 1)
    except ValueError:
        return None
    return points if 0.5 <= points <= 100 else None


class RegulationForm(FlaskForm):
    """The text of a regulation, pasted or as a file, and what it does not say itself."""

    text = TextAreaField("正文", validators=[Length(max=law.LONGEST_TEXT, message="正文太长，请分开载入。")])
    title = StringField("名称", validators=[Length(max=law.LONGEST_TITLE, message="名称太长。")])
    edition = StringField("版本", validators=[Length(max=law.LONGEST_TITLE, message="版本太长。")])
    effective_on = DateField("施行日期", validators=[Optional()])
    repealed_on = DateField("废止日期", validators=[Optional()])

    def given(self) -> dict[str, Any]:
        """Arguments of articles.load. NoArticles or BadRegulation when there is nothing to read."""
        file = request.files.get("file")
        text = _decoded(file.read(4 * law.LONGEST_TEXT)) if file and file.filename else self.text.data or ""
        return {
            "text": text.replace("\0", "")[: law.LONGEST_TEXT],
            "title": self.title.data or "",
            "edition": self.edition.data or "",
            "effective_on": self.effective_on.data,
            "repealed_on": self.repealed_on.data,
        }

    def sentence(self) -> str:
        if any(field.errors for field in (self.effective_on, self.repealed_on)):
            return "日期要写成 2022-05-01 这样。"
        return next((str(error) for errors in self.errors.values() for error in errors), "")


def _decoded(content: bytes) -> str:
    """Plain text in the encodings Chinese offices use. BadRegulation for anything else."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise law.BadRegulation("这个文件不是纯文本。请在 WPS 里另存为 .txt，或者直接粘贴正文。")


def day_in(text: str) -> date | None:
    """The day of a date field; None when it is empty or no date."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
