"""How names, phones and passwords are compared and checked. Plain values only."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from quiz.errors import RuleBroken

#: The ids of the units somebody may see; None means all of them, an empty set none.
Scope: TypeAlias = frozenset[int] | None

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DOTS = re.compile("[·•‧∙・．.]")
MOBILE = re.compile(r"1[3-9]\d{9}")
FREE_TRIES, SHORTEST_LOCK, LONGEST_LOCK = 5, timedelta(minutes=5), timedelta(minutes=30)
LONGEST_UNIT = 60
#: Persons who may join by one phone number: a family.
MOST_OF_A_PHONE = 5
#: What the unit is called that stands for all that were written by hand and are not settled.
OUTSIDE = "其他单位（待归并）"
UPLOAD_WAITS = timedelta(days=30)
#: A phone's cookie lives as long (web.remember_candidate).
LONGEST_TOKEN = timedelta(days=7)
LONGEST_SIGN_IN, FIRST_PASSWORD = timedelta(days=7), timedelta(days=7)
#: Pupils of a contest are known by this and six digits, and by nothing else.
PUPIL_MARK = "X"
_PUPIL = re.compile(f"{PUPIL_MARK}[0-9]{{6}}")
#: Minority names run to thirty characters and more.
LONGEST_NAME = 40


class NotOnRoster(RuleBroken):
    code = "not-on-roster"
    message = "名册里没有这个姓名和手机号。请核对后再试。仍不对，请找本单位联络员补录。"
    status = 401


class WrongPasscode(RuleBroken):
    code = "wrong-passcode"
    message = "工号或口令不对。请核对后再试。"
    status = 401


class WrongPassword(RuleBroken):
    code = "wrong-password"
    message = "账号或密码不对。请核对后再试。"
    status = 401


class NoName(RuleBroken):
    code = "no-name"
    message = f"请填写姓名，最多 {LONGEST_NAME} 个字。"
    status = 422


class UnknownUnit(RuleBroken):
    code = "unknown-unit"
    message = "没有这个单位。请从列表里选择本单位。"
    status = 422


class BadPhone(RuleBroken):
    code = "bad-phone"
    status = 422


class NoNumberLeft(RuleBroken):
    code = "no-number-left"
    message = "参赛号用完了，请联系主办方。"


class PhoneFull(RuleBroken):
    code = "phone-full"
    message = "这个手机号已经有几个人报名，不能再加。请用自己的手机号，或者联系主办方。"


class RosterRefused(RuleBroken):
    """The file as a whole cannot be used; the roster is as it was."""

    code = "roster-refused"
    status = 422


class UnitNeeded(RuleBroken):
    code = "unit-needed"
    message = "单位联络员要选定负责的单位，其他角色不选。"
    status = 422


class AlreadyImported(RuleBroken):
    code = "already-imported"
    message = "这份名册已经导入，不能再丢弃。"


class Locked(RuleBroken):
    code = "locked"
    message = "连续输错，已锁定。请稍后再试，或请管理员解锁。"
    status = 429


class WrongCode(RuleBroken):
    code = "wrong-code"
    message = "动态口令不对或已用过。请等下一个数字；总是不对，请核对手机的时间。"
    status = 401


class SsoRefused(RuleBroken):
    """Somebody came back from 统一身份认证 and gets no further; ``message`` says why."""

    code = "sso-refused"
    message = "统一身份认证没有成功，请再试一次；总是这样，请用账号和密码登录。"
    status = 401


class SsoUnreachable(RuleBroken):
    code = "sso-unreachable"
    message = "现在连不上统一身份认证，请用账号和密码登录。"
    status = 503


class SsoNameTaken(RuleBroken):
    code = "sso-name-taken"
    message = "这个名字已经填给另一个账号。"


class HeldApart(RuleBroken):
    code = "held-apart"
    message = "三员互相分开，这个账号不能由系统管理员改。请在服务器上用命令办理。"
    status = 403


class SamePassword(RuleBroken):
    code = "same-password"
    message = "新密码和现在的一样，请换一个。"
    status = 422


class FirstPasswordEnded(RuleBroken):
    code = "first-password-ended"
    message = "初始密码已过期，请管理员重新发一个。"
    status = 401


class NameTaken(RuleBroken):
    code = "name-taken"
    message = "已经有这个账号。"


class OwnAccount(RuleBroken):
    code = "own-account"
    message = "自己的账号要由另一位管理员改；改密码请点左下角自己的名字。"


class NoWayIn(RuleBroken):
    code = "no-way-in"
    message = "手机号和工号至少填一个，否则登录不了。"
    status = 422


class PersonTaken(RuleBroken):
    code = "person-taken"
    message = "名册里已经有同名同手机号的人，或者这个工号已有人用。"


class NoUnitName(RuleBroken):
    code = "no-unit-name"
    message = "请填写单位名称，最多 60 个字。"
    status = 422


class UnitTaken(RuleBroken):
    code = "unit-taken"
    message = "已经有这个单位。"


class UnitLoop(RuleBroken):
    code = "unit-loop"
    message = "上级单位不能是它自己或它的下级。"
    status = 422


class UnitInUse(RuleBroken):
    code = "unit-in-use"
    message = "还有在册的人或下级单位，先调走再停用。"


class BadRosterReason(RuleBroken):
    code = "bad-reason"
    message = "请写明原因，2 至 100 个字。"
    status = 422


class RequestDecided(RuleBroken):
    code = "request-decided"
    message = "这条已经有人处理，请刷新再看。"


class LastOfItsKind(RuleBroken):
    code = "last-of-its-kind"
    message = "这是最后一位担任这个角色的人，先让另一个账号接手。"


def subtree(root: int | None, parents: Mapping[int, int | None]) -> frozenset[int]:
    """``root`` and every unit under it; ``parents`` names the unit above each. Nothing for no root.

    >>> sorted(subtree(1, {1: None, 2: 1, 3: 2, 4: None}))
    [1, 2, 3]
    """
    found = {unit for unit in parents if unit == root}
    while under := {unit for unit, above in parents.items() if above in found} - found:
        found |= under
    return frozenset(found)


def clean_name(name: str) -> str:
    """The name as it is kept: invisible characters gone, spaces single, otherwise as written."""
    return " ".join(_INVISIBLE.sub("", name).split())


def name_key(name: str) -> str:
    """The form in which two names are one: NFKC, no spaces, one kind of middle dot, folded case.

    >>> name_key("阿卜杜拉 •买买提") == name_key("阿卜杜拉·买买提")
    True
    """
    folded = unicodedata.normalize("NFKC", clean_name(name)).casefold()
    return _DOTS.sub("·", re.sub(r"\s+", "", folded))


def check_name(cleaned: str) -> None:
    """NoName unless there is a name of bearable length."""
    if not 1 <= len(cleaned) <= LONGEST_NAME:
        raise NoName


def clean_phone(text: str) -> str:
    """Eleven digits, or BadPhone saying what is wrong; accepts spaces, dashes, +86 and full-width digits."""
    digits = re.sub(r"[\s\-—()（）]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+?86)(?=1\d{10}$)", "", digits)
    if not digits.isascii() or not digits.isdigit():
        raise BadPhone("手机号码只能有数字。")
    if re.match(r"0(?!1[3-9])", digits):
        raise BadPhone("这像是座机号码，要填手机号码。")
    if len(digits) < 11:
        raise BadPhone(f"少了 {11 - len(digits)} 位，手机号码是 11 位数字。")
    if len(digits) > 11:
        raise BadPhone(f"多了 {len(digits) - 11} 位，手机号码是 11 位数字。")
    if not MOBILE.fullmatch(digits):
        raise BadPhone("这不是手机号码，请核对开头几位。")
    return digits


def clean_number(text: str) -> str:
    """A 工号 as it is kept: half width, without spaces and invisible characters."""
    return re.sub(r"\s+", "", clean_name(unicodedata.normalize("NFKC", text)))


def mask_phone(phone: str | None) -> str:
    """138****1234, as it may be shown to those who need not ring the person."""
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""


def mask_digits(text: str) -> str:
    """A cell that may hold a phone, as it may be shown: 138-****-0001. Anything shorter stays as it is.

    >>> mask_digits("+86 138 0000 0001"), mask_digits("1.38E+10")
    ('+86 138 **** 0001', '1.38E+10')
    """
    places = [place for place, character in enumerate(text) if character.isdigit()]
    hidden = set(places[-8:-4]) if len(places) > 9 else set()
    return "".join("*" if place in hidden else character for place, character in enumerate(text))


def mask_name(name: str) -> str:
    """The first character and the last of a longer name: 陈*远, 王*. For public pages.

    A pupil's number says nothing about anybody and stays.
    """
    if len(name) <= 1 or _PUPIL.fullmatch(name):
        return name
    return name[0] + "*" * (len(name) - 2) + name[-1] if len(name) > 2 else name[0] + "*"


def locked_until(failures: int, *, at: datetime) -> datetime | None:
    """When the next try is taken after so many wrong ones in a row; None: at once.

    Five are free (等保 8.1.4.1 b); then 5, 10, 20, and 30 minutes each.
    """
    over = failures - FREE_TRIES
    return None if over < 0 else at + min(LONGEST_LOCK, SHORTEST_LOCK * 2**over)


def sign_in_lasts(*, created_at: datetime, seen_at: datetime, idle: timedelta, at: datetime) -> bool:
    return at - seen_at <= idle and at - created_at <= LONGEST_SIGN_IN


def check_first_password(*, must_change: bool, given_at: datetime | None, at: datetime) -> None:
    """FirstPasswordEnded when what an administrator gave out has lain about too long (ASVS 6.4.1)."""
    if must_change and given_at is not None and at - given_at > FIRST_PASSWORD:
        raise FirstPasswordEnded


_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def device_words(agent: str) -> str:
    """Windows，Chrome: enough of a User-Agent to know one's own machine by."""
    found = [next((words for mark, words in marks if mark in agent), "") for marks in (_SYSTEMS, _BROWSERS)]
    return "，".join(filter(None, found)) or "未知设备"
