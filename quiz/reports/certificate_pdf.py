"""Certificates as one PDF, as templates/reports/certificate.html shows them: a program of its own, like
exams.printing, that imports nothing of the application.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import segno
from fpdf import FPDF

#: Between two characters: no line ends here. Has no width and is not drawn.
JOINED = "\u2060"
#: What no line may begin with, and what none may end with.
_NOT_FIRST, _NOT_LAST = f"、。，；：？！）》〉」』”’·…—%{JOINED}", f"（《〈「『“‘{JOINED}"
_GOLD, _RED, _INK, _GREY = (169, 127, 47), (168, 31, 21), (33, 28, 22), (75, 68, 58)


def draw(order: dict[str, Any]) -> bytes:
    """``order``: {"fonts", "pages": [{"title", "to", "parts": [[text, strong]], "issuer", "day", "number",
    "address"}]}."""
    made = FPDF(orientation="L", unit="mm", format="A4")
    made.set_auto_page_break(False)
    for family, font in order["fonts"].items():
        made.add_font(family, "", font["path"], collection_font_number=font["face"])
    for page in order["pages"]:
        made.add_page()
        _frame(made)
        _words(made, page)
        _foot(made, page)
    return bytes(made.output())


def lines(text: str, *, width: float, measure: Callable[[str], float]) -> list[str]:
    """``text`` in lines no wider than ``width``, by the rules of Chinese setting (避头尾)."""
    found, line = [], ""
    for character in text:
        if line and measure((line + character).replace(JOINED, "")) > width:
            kept = _fit_to_end(line, character)
            found.append(line[:kept])
            line = line[kept:]
        line += character
    return [*found, line] if line else found


def _fit_to_end(line: str, following: str) -> int:
    """How much of ``line`` stays when ``following`` begins the next."""
    kept = len(line)
    while kept > 1 and (following in _NOT_FIRST or line[kept - 1] in _NOT_LAST):
        kept -= 1
        following = line[kept]
    return kept


def _frame(made: FPDF) -> None:
    made.set_fill_color(255, 253, 247)
    made.rect(0, 0, 297, 210, "F")
    for inset, width, colour in ((9, 1.1, _GOLD), (10.7, 0.3, _GOLD), (11.7, 0.3, (214, 140, 130))):
        made.set_line_width(width)
        made.set_draw_color(*colour)
        made.rect(inset, inset, 297 - 2 * inset, 210 - 2 * inset)
    made.set_draw_color(*_GOLD)
    for x in (15.5, 269.5):
        for y in (15.5, 182.5):
            made.set_line_width(0.5)
            made.rect(x, y, 12, 12)
            made.rect(x + 4, y + 4, 4, 4)


def _words(made: FPDF, page: dict[str, Any]) -> None:
    made.set_text_color(*_RED)
    made.set_font("song", "", 54)
    made.set_char_spacing(22)
    made.set_xy(0, 28)
    made.cell(305, 22, page["title"], align="C")
    made.set_char_spacing(0)
    made.set_text_color(*_INK)
    made.set_font("song", "", 25)
    made.set_xy(36, 68)
    made.cell(225, 12, f"{page['to']}：")
    _body(made, page["parts"], top=86)


def _body(made: FPDF, parts: list[list[Any]], *, top: float) -> None:
    """Sentences in one face, the award among them in red: set line by line, then coloured run by run."""
    # An award stays on one line.
    parts = [["　　", False], *([JOINED.join(text) if bold else text, bold] for text, bold in parts)]
    text = "".join(part for part, _ in parts)
    strong = [bool(bold) for part, bold in parts for _ in part]
    place, size = 0, 24 if len(text) < 90 else 20
    for row in range(20):
        made.set_font("text", "", size)
        line = next(iter(lines(text[place:], width=225, measure=made.get_string_width)), "")
        if not line:
            return
        made.set_xy(36, top + row * size * 0.65)
        for character, bold in zip(line, strong[place:], strict=False):
            if character == JOINED:
                continue
            made.set_font("song" if bold else "text", "", size)
            made.set_text_color(*(_RED if bold else _INK))
            made.cell(made.get_string_width(character), size * 0.5, character)
        place += len(line)


def _foot(made: FPDF, page: dict[str, Any]) -> None:
    code = segno.make(page["address"], error="m", boost_error=False)
    side = 21 / code.symbol_size(border=0)[0]
    made.set_fill_color(58, 42, 16)
    for y, row in enumerate(code.matrix):
        for x, dark in enumerate(row):
            if dark:
                made.rect(36 + x * side, 160 + y * side, side, side, "F")
    made.set_text_color(*_GREY)
    made.set_font("text", "", 10)
    made.set_xy(61, 165)
    made.cell(90, 6, f"证书编号　{page['number']}")
    made.set_xy(61, 172)
    made.cell(90, 6, "扫码核验真伪")
    made.set_text_color(*_INK)
    made.set_font("text", "", 17)
    for row, text in enumerate((page["issuer"], page["day"])):
        made.set_xy(150, 160 + row * 11)
        made.cell(111, 10, text, align="C")


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
