"""mingshi admin create."""

import pytest
from factories import PASSWORD

from quiz.audit.models import Deed
from quiz.extensions import db
from quiz.people.services import sign_in_account


def test_the_account_can_sign_in_and_the_ledger_knows(mingshi):
    done = mingshi("admin", "create", "olga", "--password-stdin", input=PASSWORD + "\n")
    assert (done.exit_code, done.stdout) == (0, "已新建管理员“olga”。\n")
    assert sign_in_account(name="olga", password=PASSWORD).role == "admin"
    deed = db.session.query(Deed).one()
    assert (deed.what, PASSWORD in str(deed.detail)) == ("account.create", False)


def test_the_password_is_asked_twice_on_a_terminal(mingshi):
    words = ["admin", "create", "olga", "--role", "organiser"]
    done = mingshi(*words, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert (done.exit_code, PASSWORD in done.output) == (0, False)
    assert "组织者" in done.stdout


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [("olga", "short", "密码至少 8 位"), ("  ", PASSWORD, "账号要有 1 到 60 个字。")],
)
def test_refusals(mingshi, name, password, said):
    done = mingshi("admin", "create", name, "--password-stdin", input=password)
    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr


def test_a_name_is_taken_once(mingshi):
    for code in (0, 1):
        done = mingshi("admin", "create", "olga", "--password-stdin", input=PASSWORD)
        assert done.exit_code == code
    assert done.stderr == "已经有“olga”这个账号。\n"
