"""Whose people an account may see, and making accounts that belong to a unit."""

from typing import Any

import pytest
from factories import PASSWORD, make_account, make_unit
from flask import Flask

from quiz.access import Role
from quiz.extensions import transaction
from quiz.people import queries
from quiz.people.accounts import create_account
from quiz.people.rules import UnitNeeded, subtree

TREE = {1: None, 2: 1, 3: 2, 4: None, 5: 4}


@pytest.mark.parametrize(
    ("root", "parents", "found"),
    [
        (1, TREE, {1, 2, 3}),
        (3, TREE, {3}),
        (4, TREE, {4, 5}),
        (None, TREE, set()),
        (9, TREE, set()),
        (1, {1: 2, 2: 1, 3: None}, {1, 2}),
    ],
)
def test_a_unit_and_those_under_it(root: int | None, parents: Any, found: set[int]) -> None:
    assert subtree(root, parents) == found


def test_who_sees_what(app: Flask, time: Any) -> None:
    own, under, _ = make_unit("青石镇"), make_unit("青石村"), make_unit("柳泉镇")
    with transaction():
        under.parent_id = own.id
    scopes = {
        role: queries.scope_of(
            make_account(role.value, role=role, at=time.at, unit=own if role is Role.UNIT_MANAGER else None)
        )
        for role in Role
    }
    assert scopes.pop(Role.UNIT_MANAGER) == {own.id, under.id}
    assert {scopes[role] for role in (Role.ADMIN, Role.ORGANISER, Role.SUPERVISOR)} == {None}


def test_a_unit_manager_comes_with_a_unit_and_nobody_else_does(app: Flask, time: Any) -> None:
    unit = make_unit()
    for role, of_unit in ((Role.UNIT_MANAGER, None), (Role.ORGANISER, unit)):
        with pytest.raises(UnitNeeded):
            create_account(name="x", password=PASSWORD, role=role, at=time.at, unit=of_unit)
