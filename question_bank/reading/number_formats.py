"""Numbers and dates as the spreadsheet shows them: by number format, not by value (bank_formats §5)."""

import re
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache

Value = str | int | float | bool | date | time | datetime | timedelta

#: Formats that are known by number alone. 14 and 27–36, 50–58 as a Chinese program shows them.
BUILT_IN: dict[int, str] = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"¥"#,##0',
    6: '"¥"#,##0',
    7: '"¥"#,##0.00',
    8: '"¥"#,##0.00',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    27: 'yyyy"年"m"月"',
    28: 'm"月"d"日"',
    29: 'm"月"d"日"',
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"',
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss",
    48: "0.0E+0",
    50: 'yyyy"年"m"月"',
    51: 'm"月"d"日"',
    52: 'yyyy"年"m"月"',
    53: 'm"月"d"日"',
    54: 'm"月"d"日"',
    57: 'yyyy"年"m"月"',
    58: 'm"月"d"日"',
}
_MOST_DIGITS = 30
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WEEKDAYS = "一二三四五六日"
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\-\]]*)[^\]]*\]|_.|\*.|\[[^\]]*\]')
_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|\[\$[^\]]*\]|\[(h+|m+|s+)\]|(AM/PM|A/P|上午/下午|yyyy|yy|e|mmmm|mmm|mm|m|dddd|ddd|dd|d|aaaa|aaa|hh|h|ss|s)|\[[^\]]*\]|(.)',
    re.IGNORECASE | re.DOTALL,
)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheet dates have no zone


def shown(value: Value, code: str = "") -> str:
    """The text of a cell under its number format; a General cell is shown without a needless ``.0``."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, code)
    try:
        if isinstance(value, timedelta):
            return _duration(value, code if is_date_format(code) else "[h]:mm:ss")
        return _moment(value, code)
    except (OverflowError, ValueError):
        # A moment outside the calendar is shown as the library wrote it.
        return str(value)


def plain(value: float) -> str:
    """A number as General shows it: whole numbers without a point, at most 15 digits."""
    if value == value and abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return format(value, ".15g")


@lru_cache(maxsize=512)
def is_date_format(code: str) -> bool:
    bare = _LITERAL.sub(lambda found: "h" if found[0].lower() in ("[h]", "[hh]", "[m]", "[s]") else "", code)
    return bare.lower() != "general" and bool(re.search(r"[ymdhsa]", bare.split(";")[0], re.IGNORECASE))


def _number(value: float, code: str) -> str:
    parts = _section(code, value)
    if parts is None:
        return plain(value)
    before, body, after = parts
    size = abs(value) if before.startswith("-") or value < 0 else value
    sign = "-" if value < 0 and not before.startswith(("-", "(")) else ""
    percent = body.count("%")
    if percent > 2:
        return plain(value)
    if percent:
        digits = _decimals(body)
        # 29.999999999999996 % is 30 % that went through binary.
        return f"{sign}{before}{round(size * 100**percent, 10):.{digits}f}{'%' * percent}{after}"
    if "/" in body:
        return sign + before + _fraction(size, body) + after
    if "e" in body.lower():
        return f"{sign}{before}{size:.{_decimals(body.lower().split('e')[0])}E}{after}"
    grouped = "," if "," in body.split(".")[0] else ""
    return f"{sign}{before}{size:{grouped}.{_decimals(body)}f}{after}"


@lru_cache(maxsize=512)
def _parts_of(section: str) -> tuple[str, str, str] | None:
    """``(prefix, digit pattern, suffix)`` with literals spelt out, None for General and text."""
    flat = _LITERAL.sub(lambda found: found[1] or found[2] or found[3] or "", section)
    pattern = re.search(r"[#0?][#0?,.\s/E+\-e%]*(?<![\s,])|%", flat)
    if pattern is None or "general" in flat.lower() or "@" in flat:
        return None
    return flat[: pattern.start()].strip(), pattern[0], flat[pattern.end() :].strip()


def _section(code: str, value: float) -> tuple[str, str, str] | None:
    sections = code.split(";") if code else []
    if not sections or value != value or abs(value) == float("inf"):
        return None
    chosen = sections[1] if value < 0 and len(sections) > 1 and sections[1] else sections[0]
    return _parts_of(chosen)


def _decimals(body: str) -> int:
    point = re.search(r"\.([0#?]+)", body)
    return min(len(point[1]), _MOST_DIGITS) if point else 0


def _fraction(value: float, body: str) -> str:
    most = 10 ** min(4, max(1, body.split("/")[1].count("?"))) - 1
    exact = Fraction(value).limit_denominator(most)
    whole, rest = divmod(exact.numerator, exact.denominator)
    if "#" not in body.split("/")[0] or not whole:
        return f"{exact.numerator}/{exact.denominator}" if rest else str(whole)
    return f"{whole} {rest}/{exact.denominator}" if rest else str(whole)


def _duration(value: timedelta, code: str) -> str:
    total = round(value.total_seconds())
    if "[" not in code:
        return _moment(_EPOCH + value, code)
    hours, rest = divmod(abs(total), 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{hours}:{minutes:02d}"
    return f"{text}:{seconds:02d}" if "s" in code.lower() else text


def _moment(value: date | time | datetime, code: str) -> str:
    if not is_date_format(code):
        code = "h:mm:ss" if isinstance(value, time) else "yyyy/m/d"
        if isinstance(value, datetime) and value.time() != time():
            code += " h:mm"
    if isinstance(value, time):
        moment = datetime.combine(_EPOCH, value)
    elif isinstance(value, datetime):
        moment = value
    else:
        moment = datetime.combine(value, time())
    return _written(moment, code.split(";")[0])


def _written(moment: datetime, code: str) -> str:
    tokens = list(_TOKEN.finditer(code))
    half = any((token[4] or "").upper() in ("AM/PM", "A/P", "上午/下午") for token in tokens)
    out = []
    for place, token in enumerate(tokens):
        name = (token[4] or token[3] or "").lower()
        if not name:
            out.append(token[1] or token[2] or token[5] or "")
        elif name.startswith("m") and len(name) < 3 and _is_minute(tokens, place):
            out.append(f"{moment.minute:0{len(name)}d}")
        else:
            out.append(_piece(moment, name, half=half))
    return "".join(out).strip()


def _is_minute(tokens: list[re.Match[str]], place: int) -> bool:
    names = [(token[4] or token[3] or "").lower() for token in tokens]
    before = next((name for name in reversed(names[:place]) if name), "")
    after = next((name for name in names[place + 1 :] if name), "")
    return before.startswith("h") or after.startswith("s")


def _piece(moment: datetime, name: str, *, half: bool) -> str:
    hour = moment.hour % 12 or 12 if half else moment.hour
    texts = {
        "yyyy": f"{moment.year:04d}",
        "e": f"{moment.year:04d}",
        "yy": f"{moment.year % 100:02d}",
        "mmmm": _MONTHS[moment.month - 1],
        "mmm": _MONTHS[moment.month - 1],
        "mm": f"{moment.month:02d}",
        "m": str(moment.month),
        "dd": f"{moment.day:02d}",
        "d": str(moment.day),
        "hh": f"{hour:02d}",
        "h": str(hour),
        "ss": f"{moment.second:02d}",
        "s": str(moment.second),
        "am/pm": "AM" if moment.hour < 12 else "PM",
        "a/p": "A" if moment.hour < 12 else "P",
        "上午/下午": "上午" if moment.hour < 12 else "下午",
    }
    return texts.get(name) or "星期" + _WEEKDAYS[moment.weekday()]
