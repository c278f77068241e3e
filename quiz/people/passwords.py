"""What a password at the desk must be, and the first one that is given out. Plain values only.

GB/T 22239 as assessors read it (reference/domain.md §6.2): eight characters of three kinds; a long phrase
needs no kinds. Guessing is stopped by the lock (rules.lock_for), so the list here is short: what people
really choose when told to mix kinds.
"""

import re
import secrets

from quiz.errors import RuleBroken
from quiz.people.rules import MOBILE, name_key

SHORTEST, PHRASE, FEWEST_CHARACTERS = 8, 14, 5
_COMMON = frozenset(
    re.findall(
        "[a-z]+",
        "password passwd passw pass admin administrator administer root user test guest welcome login system "
        "qwer qwert qwerty qwertyuiop asdf asdfg asdfgh zxc zxcv zxcvbn qaz qazwsx wsx a aa aaa ab abc abcd "
        "abcde x xx xxx q qq woaini iloveyou love china zhongguo beijing mima ceshi guanli guanliyuan yonghu "
        "mingshi xinfang xinfangju kaoshi kaoshixitong tiaoli county office letmein monkey dragon superman",
    )
)
_STAND_INS = str.maketrans({"@": "a", "4": "a", "0": "o", "3": "e", "1": "l", "$": "s", "5": "s"})
#: Read aloud and copied from paper without doubt: no 0 O 1 l i.
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"


class WeakPassword(RuleBroken):
    code = "weak-password"
    message = f"密码至少 {SHORTEST} 位，大写、小写、数字、符号里要有三种；{PHRASE} 位以上的不限种类。"
    status = 422


def check(password: str, *, name: str) -> None:
    """WeakPassword, saying why, unless the account ``name`` may have this password."""
    if len(password) < SHORTEST or (len(password) < PHRASE and _kinds(password) < 3):
        raise WeakPassword
    if len(set(password)) < FEWEST_CHARACTERS:
        raise WeakPassword("密码里不同的字符太少，请换一个。")
    if len(name) > 1 and name_key(name) in name_key(password):
        raise WeakPassword("密码里不能有账号名。")
    if re.search(MOBILE, password):
        raise WeakPassword("密码里不能有手机号码。")
    lower = password.casefold()
    if {_letters(lower), _letters(lower.translate(_STAND_INS))} & _COMMON:
        raise WeakPassword("这个密码太常见，容易被猜到，请换一个。")


def _kinds(password: str) -> int:
    return len({_kind(character) for character in password})


def _kind(character: str) -> str:
    if character.isascii() and character.isalpha():
        return "upper" if character.isupper() else "lower"
    return "digit" if character.isdigit() else "word" if character.isalpha() else "sign"


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())


def first() -> str:
    """A password to hand over on paper: twelve characters in three groups, 59 bits."""
    while True:
        made = "-".join("".join(secrets.choice(_CLEAR) for _ in range(4)) for _ in range(3))
        if _kinds(made) == 3:
            return made
