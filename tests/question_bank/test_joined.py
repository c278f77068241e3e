from question_bank import joined


def test_one_blank_is_a_line_for_each_alternative() -> None:
    assert joined.lines(("县级|||县",)) == (["县级", "县"], "")
    assert joined.separated(["县级", "县"], 1, "") == ("县级|||县",)


def test_every_alternative_stands_in_some_line() -> None:
    rows, between = joined.lines(("甲|||乙|||丙", "1", "x|||y"))
    assert (rows, between) == (["甲；1；x", "乙；1；y", "丙；1；x"], "；")
    assert joined.separated(rows, 3, between) == ("甲|||乙|||丙", "1", "x|||y")


def test_what_stands_between_occurs_in_no_text() -> None:
    for key in (("甲；乙", "丙"), ("；，", "x / y"), ("； / ，", "¦ ¦ ‖")):
        rows, between = joined.lines(key)
        assert joined.separated(rows, 2, between) == key


def test_pieces_that_do_not_fit_are_no_key() -> None:
    assert joined.separated(["甲；乙"], 3, "；") is None
    assert joined.separated([], 2, "；") is None
    assert joined.separated([], 1, "") == ()
