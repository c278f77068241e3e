"""mingshi admin create, mingshi roster import."""

import pytest
from factories import PASSWORD, make_unit

from quiz.audit.models import Deed
from quiz.extensions import db
from quiz.people.accounts import sign_in_account
from quiz.people.services import identify_by_phone


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


ROSTER = "姓名,单位,手机号\n安宁,青石镇,13800000001\n卜一,双桥镇,138 0000 0002\n"


@pytest.fixture
def file(tmp_path):
    def make(text):
        path = tmp_path / "名册.csv"
        path.write_text(text, encoding="utf-8-sig")
        return path

    return make


def test_a_roster_is_imported_with_its_units(mingshi, document, file):
    words = ["roster", "import", file(ROSTER), "--create-units"]
    assert document(*words) == {"persons": 2, "units": 2, "problems": []}
    assert identify_by_phone(name="卜一", phone="13800000002").unit.name == "双桥镇"
    assert mingshi(*words).exit_code == 0


def test_unknown_units_wait_unless_they_are_to_be_made(mingshi, document, file):
    path = file(ROSTER)
    assert mingshi("roster", "import", path).exit_code == 1
    found = document("roster", "import", path)
    assert found["persons"] == 0
    assert {problem["code"] for problem in found["problems"]} == {"unknown-unit"}


def test_a_wrong_row_is_named_and_the_others_are_taken(mingshi, file):
    done = mingshi("roster", "import", file(ROSTER + "陈三,青石镇,123\n"), "--create-units")
    assert (done.exit_code, "2 人" in done.stdout) == (1, True)
    assert "第 4 行" in done.stderr


def test_a_roster_that_cannot_be_read_exits_with_2(mingshi, file):
    done = mingshi("roster", "import", file("今天天气很好\n"), "--create-units")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith("。\n")


def test_a_unit_manager_is_made_with_his_unit(mingshi):
    words = ("admin", "create", "olga", "--role", "unit-manager", "--password-stdin")
    refused = mingshi(*words, "--unit", "没有的镇", input=PASSWORD)
    assert (refused.exit_code, "没有这个单位" in refused.stderr) == (1, True)
    make_unit()
    done = mingshi(*words, "--unit", "青石镇", input=PASSWORD)
    assert (done.exit_code, done.output) == (0, "已新建单位联络员“olga”。\n")
