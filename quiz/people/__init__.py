"""Units, persons, the roster they come from, and the accounts that sign in at a desk.

Always true: a unit's name is unique; a person is found by name and phone or by number; an account's
``version`` goes up whenever its open sign-ins must end.
"""
