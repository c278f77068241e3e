"""The text of a regulation taken apart, and what a 依据 refers to. Plain values only."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from quiz.errors import RuleBroken

LONGEST_TEXT, LONGEST_TITLE = 400_000, 120
#: Regulations known to be repealed, by name: questions on them are found even when no text is loaded.
#: 国务院令第 752 号: 信访条例 (2005) is repealed from 1 May 2022, when 信访工作条例 came into force.
KNOWN_REPEALED = {"信访条例": date(2022, 5, 1)}

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = r"[0-9０-９〇零一二两三四五六七八九十百千]{1,9}"
_HEADING = re.compile(rf"第\s*{_NUMERAL}\s*[编章][^。；]{{0,40}}$")
_SECTION = re.compile(rf"第\s*{_NUMERAL}\s*节(?:\s|$)")
#: 第十条规定的… at the start of a paragraph speaks of an article and does not begin it.
_ARTICLE = re.compile(rf"第\s*({_NUMERAL})\s*条(?!之|规定|第|、|和|至|的|所|或|及)[\s:：]*")
_DAY = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_PUBLISHED = ("公布", "发布", "修订", "修正", "通过", "批准", "印发")
_CITED = re.compile(
    rf"《(?P<title>[^《》]{{1,80}})》(?P<told>\s*[（(][^）)]{{0,40}}[）)])?"
    rf"|第\s*(?P<number>{_NUMERAL})\s*条"
)
#: 广东省信访条例 and the like are texts of a province, which stand.
_OLD = re.compile("(?<![省市区县州盟旗])信访条例")


class NoArticles(RuleBroken):
    code = "no-articles"
    message = "没有找到“第一条”这样的条文。请粘贴带条号的正文。"
    status = 422


class TwiceNumbered(RuleBroken):
    code = "article-twice"
    status = 422


class BadRegulation(RuleBroken):
    code = "bad-regulation"
    status = 422


class AlreadyLoaded(RuleBroken):
    code = "regulation-loaded"
    message = "这一版已经载入。要换成新的文字，请先删除原来的。"


@dataclass(frozen=True, slots=True)
class ArticleText:
    number: int
    chapter: str
    text: str


@dataclass(slots=True)
class Text:
    """A regulation as read: ``edition`` is the line that tells the version, empty when there is none."""

    title: str = ""
    edition: str = ""
    effective_on: date | None = None
    articles: list[ArticleText] = field(default_factory=list)

    @property
    def gaps(self) -> list[int]:
        """Numbers that are missing between 1 and the last article."""
        held = {article.number for article in self.articles}
        return [number for number in range(1, max(held, default=0)) if number not in held]


@dataclass(frozen=True, slots=True)
class Edition:
    """A loaded regulation, for finding what a 依据 means: ``articles`` maps numbers to rows."""

    id: int
    title: str
    edition: str
    effective_on: date | None
    repealed_on: date | None
    articles: dict[int, int]


def number_of(numeral: str) -> int | None:
    """三十四, 34 or ３４ → 34; None for what is no number below 10,000."""
    if numeral.isdecimal():
        return int(numeral) if len(numeral) < 5 else None
    total, digit, known = 0, 0, True
    for character in numeral:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _UNITS:
            total += (digit or (1 if character == "十" else 0)) * _UNITS[character]
            digit = 0
        else:
            known = False
    return total + digit if numeral and known else None


def numeral(number: int) -> str:
    """34 → 三十四, as articles are numbered; from 1 to 9,999."""
    words, rest, skipped = "", number, False
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, rest = divmod(rest, size)
        if digit:
            words += ("零" if skipped and words else "") + "零一二三四五六七八九"[digit] + unit
        skipped = not digit
    return words.removeprefix("一") if 10 <= number < 20 else words


def parse(text: str) -> Text:
    """Title, edition and articles of a regulation given as plain text or Markdown.

    第N章 opens a chapter, 第N条 an article, whichever numerals; 第N条之一 stays with article N. Raises
    NoArticles, and TwiceNumbered when a number comes again.
    """
    found, chapter = Text(), ""
    for line in _lines(text):
        article = _ARTICLE.match(line)
        number = number_of(article[1]) if article else None
        if _HEADING.match(line):
            chapter = re.sub(r"\s+", " ", line)
        elif article and number and _opens(found, number, line, article.end()):
            found.articles.append(ArticleText(number, chapter, line[article.end() :]))
        elif found.articles and not _SECTION.match(line):
            _continue(found, line)
        elif not found.articles:
            _preface(found, line)
    if not found.articles:
        raise NoArticles
    found.effective_on = _effective(found, text)
    return found


def _lines(text: str) -> Iterator[str]:
    bare = re.sub(r"<!--.*?-->", "", text, flags=re.S).replace("　", " ")
    for line in bare.splitlines():
        clean = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\ufeff\ud800-\udfff]", "", line)
        clean = clean.strip().lstrip("#").strip().strip("*").strip()
        if clean:
            yield clean


def _opens(found: Text, number: int, line: str, end: int) -> bool:
    """Whether a paragraph that starts with 第N条 is that article. TwiceNumbered when there is one already."""
    last = found.articles[-1].number if found.articles else 0
    if number > last:
        return True
    spaced = line[:end].endswith((" ", ":", "："))
    if spaced and any(article.number == number for article in found.articles):
        raise TwiceNumbered(f"第{numeral(number)}条出现了两次。请只粘贴一份文件的正文。")
    return False


def _continue(found: Text, line: str) -> None:
    last = found.articles[-1]
    text = f"{last.text}\n{line}" if last.text else line
    found.articles[-1] = ArticleText(last.number, last.chapter, text)


def _preface(found: Text, line: str) -> None:
    """The lines above the first article: the title, and when and by whom it was published."""
    if not found.title:
        found.title = line.strip("《》")[:LONGEST_TITLE]
    elif any(word in line for word in _PUBLISHED) and _DAY.search(line):
        found.edition = line.strip("（）()")[:LONGEST_TITLE]


def _effective(found: Text, text: str) -> date | None:
    said = re.search(rf"自\s*{_DAY.pattern}\s*起\s*(?:施行|实施|生效)", text)
    said = said or re.search(rf"{_DAY.pattern}\s*(?:起)?\s*(?:施行|实施|生效)", text)
    try:
        return date(int(said[1]), int(said[2]), int(said[3])) if said else None
    except ValueError:
        return None


def cited(basis: str) -> Iterator[tuple[str, str, int | None]]:
    """What a 依据 names: (title, what stands in brackets behind it, article), a title alone with None."""
    title, told, named = "", "", True
    for match in _CITED.finditer(basis):
        if match["title"]:
            if not named:
                yield title, told, None
            title, told, named = match["title"].strip(), match["told"] or "", False
        else:
            named = True
            yield title, told, number_of(match["number"])
    if not named:
        yield title, told, None


def article_of(basis: str, editions: Sequence[Edition], *, on: date) -> int | None:
    """Row of the first article the 依据 names, in the version it names or else the one that is in force."""
    for title, told, number in cited(basis):
        named = [one for one in editions if one.title == title] if title else _unbracketed(basis, editions)
        for one in sorted(named, key=lambda one: _fitness(one, told or basis, on), reverse=True):
            if number in one.articles:
                return one.articles[number]
    return None


def _unbracketed(basis: str, editions: Sequence[Edition]) -> list[Edition]:
    """信访工作条例第三十四条, without the brackets."""
    return [one for one in editions if one.title in basis]


def _fitness(one: Edition, told: str, on: date) -> tuple[bool, bool, date]:
    years = set(re.findall(r"\d{4}", f"{one.edition} {one.effective_on or ''}"))
    named = any(year in years for year in re.findall(r"\d{4}", told))
    return named, in_force(one.repealed_on, on), one.effective_on or date.min


def in_force(repealed_on: date | None, on: date) -> bool:
    return repealed_on is None or on < repealed_on


def names_repealed(text: str, on: date) -> bool:
    """Whether the text speaks of a regulation that is known to be repealed, of KNOWN_REPEALED."""
    return on >= KNOWN_REPEALED["信访条例"] and _OLD.search(text) is not None


def citation(title: str, number: int) -> str:
    """《信访工作条例》第三十四条"""
    return f"《{title}》第{numeral(number)}条"
