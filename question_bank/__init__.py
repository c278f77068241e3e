"""Question banks without a web server: what a question is, how it is read, marked and drawn.

A library of its own. It needs the standard library and pandas with its readers, and knows neither
Flask nor a database. Import the submodule you need; reading pulls in pandas and is not loaded here.
"""

from question_bank.question import Difficulty, Kind, Question

__all__ = ["Difficulty", "Kind", "Question"]
