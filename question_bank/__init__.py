"""Question banks without a web server: what a question is, how it is read, marked and drawn.

A library of its own: the standard library, rapidfuzz, and the readers and writers pandas itself stands on
(python-calamine, XlsxWriter), called directly because a data frame forgets how a cell was shown (30 %
becomes 0.3, 300:29:1 a date). It knows neither Flask nor a database. Import the submodule you need.
"""

from question_bank.question import Difficulty, Kind, Question

__all__ = ["Difficulty", "Kind", "Question"]
