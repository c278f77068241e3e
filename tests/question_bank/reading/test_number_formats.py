from datetime import date, datetime, time, timedelta

import pytest

from question_bank.reading.number_formats import BUILT_IN, Value, is_date_format, plain, shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (15.0, "", "15"),
        (5.12, "", "5.12"),
        (0.1 + 0.2, "", "0.3"),
        (150100, "General", "150100"),
        (True, "", "TRUE"),
        (0.3, "0%", "30%"),
        (1e-05, "0.00%", "0.00%"),
        (0.285, "0.0%", "28.5%"),
        (0.29, "0%", "29%"),
        (1234.5, "$#,##0", "$1,234"),
        (1500, '"US$"#,##0', "US$1,500"),
        (1500, "[$¥-804]#,##0.00", "¥1,500.00"),
        (-3, '"¥"#,##0;-"¥"#,##0', "-¥3"),
        (150100, "#,##0", "150,100"),
        (5, '0"件"', "5件"),
        (0.5, "# ?/?", "1/2"),
        (2.25, "# ?/?", "2 1/4"),
        (5.1, "0.00", "5.10"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (7, "@", "7"),
        (date(2017, 6, 14), 'yyyy"年"m"月"d"日"', "2017年6月14日"),
        (date(2025, 9, 1), 'm"月"d"日"', "9月1日"),
        (date(2025, 9, 1), BUILT_IN[14], "2025/9/1"),
        (date(2025, 9, 1), "mm-dd-yy", "09-01-25"),
        (date(2025, 9, 1), "[$-F800]dddd\\,\\ mmmm\\ dd", "星期一, Sep 01"),
        (datetime(2025, 9, 1, 18, 5), "yyyy/m/d h:mm", "2025/9/1 18:05"),  # noqa: DTZ001
        (datetime(2025, 9, 1), "", "2025/9/1"),  # noqa: DTZ001
        (time(18, 0), "h:mm", "18:00"),
        (time(18, 0), "h:mm AM/PM", "6:00 PM"),
        (time(9, 5, 7), 'h"时"mm"分"ss"秒"', "9时05分07秒"),
        (timedelta(days=12, hours=12, minutes=29, seconds=1), "[h]:mm:ss", "300:29:01"),
        (1e300, "0" * 400 + "%%%", "1e+300"),
        (float("inf"), "0%", "inf"),
    ],
)
def test_a_value_as_the_sheet_shows_it(value: Value, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_whole_numbers_have_no_point() -> None:
    assert plain(3.0) == "3"
    assert plain(3.21e23) == "3.21e+23"


def test_which_formats_are_dates() -> None:
    assert all(map(is_date_format, ("yyyy-mm-dd", "h:mm", "[h]:mm:ss", 'm"月"d"日"', "[$-804]yyyy/m/d")))
    assert not any(map(is_date_format, ("0.00", "General", '"day"0', "#,##0", "[Red]0", "@")))
