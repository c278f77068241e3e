"""What each person has practised."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from quiz.extensions import Instant, db


class PracticeAnswer(db.Model):
    """One person's record with one question: the last answer and how often it was right."""

    __table_args__ = (Index("ix_practice_answer_person_id_in_book", "person_id", "in_book"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True, autoincrement=False)
    right: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)
    #: In the wrong-question book: put in by a wrong answer, taken out by the person.
    in_book: Mapped[bool] = mapped_column(default=False)
    answered_at: Mapped[datetime] = mapped_column(Instant)
