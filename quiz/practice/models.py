"""What each person has practised."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from quiz.extensions import Instant, db


class PracticeAnswer(db.Model):
    """One person's record with one question; ``rules.Record`` says how an answer changes it."""

    __table_args__ = (Index("ix_practice_answer_person_id_in_book", "person_id", "in_book"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True, autoincrement=False)
    #: Right answers since the last wrong one: 0 says that the last answer was wrong.
    right: Mapped[int] = mapped_column(default=0)
    #: All wrong answers.
    wrong: Mapped[int] = mapped_column(default=0)
    #: In the wrong-question book: put in by a wrong answer; taken out by the person or by two right in a row.
    in_book: Mapped[bool] = mapped_column(default=False)
    #: Of the last answer. A page sends back what it was shown, so that sending it twice counts once.
    answered_at: Mapped[datetime] = mapped_column(Instant)


class PracticeKept(db.Model):
    """An exam during which its questions may be practised all the same; without a row they pause."""

    __tablename__ = "practice_kept"

    exam_id: Mapped[int] = mapped_column(
        ForeignKey("exam.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    who: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
