"""Posters as one PDF: a program of its own, so that drawing them holds up no phone (exams.posters).

Reads an order as JSON from its input and writes the PDF. It imports nothing of the application, which would
take longer to load than the posters take to draw.
"""

import json
import os
import re
import sys
from typing import Any

import segno
from fpdf import FPDF

#: All measures are those of A4; a side of A3 is this much longer.
SCALE = {"A4": 1.0, "A3": 2**0.5}
INK, INK2, INK3, ZHU, LINE = (33, 28, 22), (75, 68, 58), (106, 98, 86), (179, 38, 27), (228, 220, 205)
LEFT, RIGHT, WIDE = 22.0, 188.0, 166.0
#: What may not begin a line.
_STAYS = "，。、；：！？》”’）】」』…"


class Sheets(FPDF):
    """Pages of one poster; every measure in millimetres of A4."""

    def __init__(self, order: dict[str, Any]) -> None:
        super().__init__(format=order["size"], unit="mm")
        self.order, self.grown = order, SCALE[order["size"]]
        self.set_auto_page_break(False)
        for family, font in order["fonts"].items():
            self.add_font(family, "", font["path"], collection_font_number=font["face"])
        self.set_title(order["title"])

    def font(self, family: str, millimetres: float, colour: tuple[int, int, int] = INK) -> None:
        self.set_font(family, size=millimetres * self.grown * 72 / 25.4)
        self.set_text_color(*colour)

    def at(self, x: float, y: float, text: str, *, wide: float = WIDE, align: str = "L") -> None:
        """One line whose top is at ``y``; in smaller letters when it is wider than ``wide``."""
        size, needed = self.font_size_pt, self.get_string_width(text)
        if needed > wide * self.grown:
            self.set_font_size(size * wide * self.grown / needed)
        self.set_xy(x * self.grown, y * self.grown)
        self.cell(w=wide * self.grown, h=size / 72 * 25.4 * 1.3, text=text, align=align)
        self.set_font_size(size)

    def rule(self, y: float, colour: tuple[int, int, int], width: float = 0.3) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(width * self.grown)
        self.line(LEFT * self.grown, y * self.grown, RIGHT * self.grown, y * self.grown)

    def block(self, x: float, y: float, wide: float, high: float, colour: tuple[int, int, int]) -> None:
        self.set_fill_color(*colour)
        self.rect(x * self.grown, y * self.grown, wide * self.grown, high * self.grown, style="F")

    def code(self, address: str, x: float, y: float, side: float) -> None:
        """The QR code as runs of dark squares: sharp at any size."""
        rows = [list(row) for row in segno.make(address, error="m", boost_error=False).matrix]
        each = side / len(rows)
        for line, row in enumerate(rows):
            for start, length in _runs(row):
                # A hair wider, so that no printer leaves a gap.
                self.block(x + start * each, y + line * each, length * each + 0.02, each + 0.02, INK)


def _runs(row: list[int]) -> list[tuple[int, int]]:
    """(first, how many) of the dark modules that touch."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((place, 1))
    return found


def lines(pdf: Sheets, text: str, wide: float) -> list[str]:
    """``text`` in lines of at most ``wide``: 《…》 stays whole where it fits, no line begins with 》."""
    found = [""]
    for phrase in re.findall("《[^》]*》|[^《]+", text):
        if found[-1] and not _fits(pdf, found[-1] + phrase, wide) and _fits(pdf, phrase, wide):
            found.append(phrase)
            continue
        for character in phrase:
            if _fits(pdf, found[-1] + character, wide) or character in _STAYS:
                found[-1] += character
            else:
                found.append(character)
    return found


def _fits(pdf: Sheets, text: str, wide: float) -> bool:
    return pdf.get_string_width(text) <= wide * pdf.grown


def draw(order: dict[str, Any]) -> bytes:
    pdf = Sheets(order)
    for sheet in order["sheets"]:
        pdf.add_page()
        _head(pdf)
        _middle(pdf, sheet)
        _foot(pdf)
    return bytes(pdf.output())


def _head(pdf: Sheets) -> None:
    order = pdf.order
    pdf.block(LEFT, 16, 12, 19.5, ZHU)
    pdf.font("song", 7.6, (255, 255, 255))
    pdf.at(LEFT, 17.6, "明", wide=12, align="C")
    pdf.at(LEFT, 25.4, "试", wide=12, align="C")
    for place, (words, top) in enumerate((("敷奏以言", 24), ("明试以功", 36))):
        pdf.font("song", 6, INK2)
        for step, character in enumerate(words):
            pdf.at(RIGHT - 13 * (place + 1), top + step * 8.4, character, wide=13, align="C")
    pdf.set_draw_color(214, 150, 143)
    pdf.set_line_width(0.3 * pdf.grown)
    for x in (RIGHT, RIGHT - 13, RIGHT - 26):
        pdf.line(x * pdf.grown, 0, x * pdf.grown, 80 * pdf.grown)
    pdf.font("sans", 5.4, INK2)
    pdf.at(LEFT, 41, order["host"], wide=132)
    for size in (12.0, 10.5, 9.0, 7.5):
        pdf.font("song", size)
        title = lines(pdf, order["title"], 134)
        if len(title) * size * 1.3 <= 29:
            break
    for place, line in enumerate(title):
        pdf.at(LEFT, 49.5 + place * size * 1.3, line, wide=138)
    pdf.rule(80, ZHU)
    pdf.rule(81, ZHU)


def _middle(pdf: Sheets, sheet: dict[str, str]) -> None:
    side = 78.0
    pdf.code(sheet["address"], 105 - side / 2, 89, side)
    pdf.font("song", 10)
    pdf.at(LEFT, 171, "微信扫码答题", align="C")
    pdf.font("sans", 4.8, INK2)
    pdf.at(LEFT, 185, pdf.order["by_hand"], align="C")
    if sheet["unit"]:
        pdf.block(LEFT, 195, WIDE, 16, (243, 237, 225))
        pdf.font("song", 8.5, ZHU)
        pdf.at(LEFT + 4, 197.4, sheet["unit"], wide=WIDE - 8, align="C")


def _foot(pdf: Sheets) -> None:
    y = 216.0
    for name, words in pdf.order["facts"]:
        pdf.rule(y, LINE)
        pdf.font("sans", 5, INK3)
        pdf.at(LEFT, y + 1.7, name, wide=22)
        pdf.font("sans", 5)
        pdf.at(LEFT + 24, y + 1.7, words, wide=WIDE - 24)
        y += 9.8
    pdf.rule(y, LINE)
    each = (WIDE - 10) / 3
    for place, words in enumerate(pdf.order["steps"]):
        x = LEFT + place * (each + 5)
        pdf.font("song", 8, ZHU)
        pdf.at(x, y + 4, str(place + 1), wide=12)
        pdf.font("sans", 4.6)
        for step, line in enumerate(lines(pdf, words, each)[:3]):
            pdf.at(x, y + 15 + step * 6.6, line, wide=each + 4)
    pdf.font("sans", 4.2, INK3)
    pdf.at(LEFT, 281, pdf.order["foot"])


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
