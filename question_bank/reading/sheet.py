"""What every reader hands on: sheets of texts, with remarks on cells that were not plain text."""

from dataclasses import asdict, dataclass, field
from typing import Any

from question_bank.cells import clean, repaired


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one cell that its text does not show.

    ``code`` is empty for a mere change from ``before`` to the text now in the sheet; otherwise it names
    a problem of the given severity.
    """

    column: int
    before: str
    code: str = ""
    severity: str = "warning"
    message: str = ""


@dataclass(slots=True)
class Sheet:
    """One sheet. ``rows`` are equally long lists of cleaned texts; row and column count from 0.

    ``merges`` are (first row, first column, last row, last column). ``remarks`` stand under their row.
    ``numeric`` columns hold numbers, whose leading zeros nobody can know any more. ``pictures`` are the rows
    pictures float over.
    """

    name: str
    rows: list[list[str]]
    hidden: bool = False
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    remarks: dict[int, list[Remark]] = field(default_factory=dict)
    numeric: set[int] = field(default_factory=set)

    def remark(self, row: int, remark: Remark) -> None:
        self.remarks.setdefault(row, []).append(remark)

    def document(self) -> dict[str, Any]:
        """The sheet as JSON; ``from_document`` reads it back."""
        return asdict(self) | {"numeric": sorted(self.numeric)}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Sheet":
        remarks = {int(row): [Remark(**one) for one in said] for row, said in document["remarks"].items()}
        merges = [(top, left, low, right) for top, left, low, right in document["merges"]]
        known = {"remarks": remarks, "merges": merges, "numeric": set(document["numeric"])}
        return cls(**(document | known))

    def put_text(self, row: int, column: int, text: str) -> str:
        """The cleaned text for this cell; a repair beyond trimming is noted."""
        cleaned = clean(text)
        if cleaned != text and repaired(text, cleaned):
            self.remark(row, Remark(column, text))
        return cleaned
