"""Whatever an exchange file holds, reading gives a report or one sentence, and never an unfit question."""

import io
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from question_bank.errors import CannotRead
from question_bank.question import Kind, Question, faults
from question_bank.reading import read
from question_bank.report import ERROR, Report
from question_bank.writing import Format, written

BANK = [
    Question(Kind.SINGLE, "甲？", ("红", "绿"), ("A",), "因为红。", "条例", "第一章", points=2.0),
    Question(Kind.MULTIPLE, "乙？", ("红", "绿", "蓝"), ("A", "C")),
    Question(Kind.TRUE_FALSE, "丙。", (), ("T",)),
    Question(Kind.FILL, "____ 与 ____", (), ("甲|||乙", "丙")),
    Question(Kind.SHORT, "丁？", (), ("答",)),
]
TEXTS = {form: written(BANK, form)[0] for form in (Format.GIFT, Format.MOODLE, Format.AIKEN)}
PARTS = [
    "{", "}", "=", "~", "#", "####", "\\", "\n", "\n\n", "::", "%50%", "->", "T", "甲", "[html]",
    "<b>", "$CATEGORY: a/b\n", "// mingshi {\"blanks\": 9}\n", "A) ", "ANSWER: A\n", "ANSWER: ",
    "</text>", "<text>", "<answer>", "<question>", "&amp;", "]]>", "<![CDATA[", "<qti-prompt>",
    "<img/>", " ",
]  # fmt: skip
OFTEN = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def attempt(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        report = read(path)
    except CannotRead:
        return
    for placed in report.questions:
        assert [fault for fault in faults(placed.question) if fault.severity == ERROR] == []
    assert Report.from_json(report.to_json()) == report


@OFTEN
@given(
    parts=st.lists(st.sampled_from(PARTS), max_size=30),
    start=st.sampled_from(["// mingshi gift\n\n", "", "甲\nA) 红\nB) 绿\n"]),
)
def test_any_text(tmp_path: Path, parts: list[str], start: str) -> None:
    attempt(tmp_path / "题库.gift", (start + "".join(parts)).encode())


@OFTEN
@given(
    form=st.sampled_from(list(TEXTS)),
    cuts=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 12), st.sampled_from(PARTS)), min_size=1, max_size=4
    ),
)
def test_any_damaged_text(tmp_path: Path, form: Format, cuts: list[tuple[int, int, str]]) -> None:
    body = TEXTS[form].decode()
    for at, length, put in cuts:
        at %= len(body)
        body = body[:at] + put + body[at + length :]
    attempt(tmp_path / f"题库.{form}", body.encode())


@OFTEN
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 12), st.sampled_from(PARTS)), min_size=1, max_size=4
    )
)
def test_any_damaged_package(tmp_path: Path, cuts: list[tuple[int, int, str]]) -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(written(BANK, Format.QTI)[0])) as source,
        zipfile.ZipFile(out, "w") as target,
    ):
        for name in source.namelist():
            body = source.read(name).decode()
            for at, length, put in cuts:
                at %= len(body)
                body = body[:at] + put + body[at + length :]
            target.writestr(name, body)
    attempt(tmp_path / "题库.zip", out.getvalue())


@OFTEN
@given(cuts=st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=4)), min_size=1, max_size=4))
def test_any_broken_zip(tmp_path: Path, cuts: list[tuple[int, bytes]]) -> None:
    body = bytearray(written(BANK, Format.QTI)[0])
    for at, put in cuts:
        at %= len(body)
        body[at : at + len(put)] = put
    attempt(tmp_path / "题库.zip", bytes(body))
