import csv
import io

import pytest

from question_bank.errors import CannotWrite
from question_bank.question import Kind, Question
from question_bank.writing import delimited


def test_a_computed_text_gets_an_apostrophe_and_a_number_none() -> None:
    bank = [Question(Kind.SINGLE, "=1+1", ("-5", "+8%", "-2+3", "'=x"), ("A",), points=1.5)]
    data = delimited.document(bank)
    assert data.startswith(b"\xef\xbb\xbf")
    row = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1]
    assert row[1:6] == ["'=1+1", "-5", "+8%", "'-2+3", "''=x"]
    assert row[-2:] == ["1.5", ""]


def test_more_lines_than_the_reader_believes_are_refused() -> None:
    with pytest.raises(CannotWrite, match="第 1 题的题干"):
        delimited.document([Question(Kind.SHORT, "\n".join("行" * 62))])
