"""What may be changed of an exam, and until when: the rules freeze at the opening."""

from collections.abc import Collection

from quiz.exams import rules

#: What may still change once an exam has opened, with a reason.
CHANGEABLE = frozenset(
    {
        "title",
        "host",
        "closes_at",
        "day_opens",
        "day_closes",
        "late_minutes",
        "chances",
        "daily",
        "score_release",
        "answers_release",
        "review",
    }
)
#: What decides about scores already earned: only before the opening, or when all have handed in.
DECIDING = frozenset({"pass_mark", "excellent_mark", "counts", "least_seconds"})
#: What only matters while somebody may still begin.
_TIMES = frozenset({"closes_at", "day_opens", "day_closes"})

#: What lets out scores and keys, or changes scores that are known: after the opening the password is asked.
WEIGHTY = frozenset({"score_release", "answers_release", "review", *DECIDING})

#: In the order in which the rules page and the audit log name them.
SETTINGS = {
    "title": "名称",
    "host": "主办单位",
    "opens_at": "开考时间",
    "closes_at": "结束时间",
    "day_opens": "每天开始时间",
    "day_closes": "每天截止时间",
    "minutes": "答题时间",
    "late_minutes": "迟到入场",
    "pass_mark": "合格分",
    "excellent_mark": "优秀分",
    "chances": "机会",
    "daily": "每天机会",
    "counts": "几次机会时怎么算",
    "least_seconds": "每题至少用时",
    "multiple_policy": "多选题计分",
    "score_release": "公布成绩",
    "answers_release": "公布对错",
    "review": "公布答案和解析",
    "unit_ids": "参加单位",
    "identities": "身份类别",
}


def open_to_change(*, opened: bool, over: bool) -> frozenset[str]:
    """Which settings may be changed. ``over``: closed, and everybody has handed in."""
    if not opened:
        return frozenset(SETTINGS)
    return (CHANGEABLE - _TIMES) | DECIDING if over else CHANGEABLE


def check_change(*, changed: Collection[str], opened: bool, over: bool, reason: str) -> None:
    """rules.SettingFrozen, or rules.BadSettings without a reason for what changes after the opening."""
    allowed = open_to_change(opened=opened, over=over)
    frozen = [words for name, words in SETTINGS.items() if name in changed and name not in allowed]
    if frozen:
        later = "，考试结束、全部交卷后才能改" if set(changed) & DECIDING and not over else "，不能再改"
        raise rules.SettingFrozen(f"已经开考：{'、'.join(frozen)}{later}。")
    if opened and changed and not 2 <= len(reason) <= rules.LONGEST_REASON:
        raise rules.BadSettings(f"已经开考，改动要写明原因，2 至 {rules.LONGEST_REASON} 个字。")


def check_more_units(*, everybody: bool, chosen: int, named: bool, over: bool, reason: str) -> None:
    """Units that were forgotten may still come in after the opening; nobody is ever left out again.

    rules.SettingFrozen or rules.BadSettings.
    """
    if over:
        raise rules.SettingFrozen("考试已经结束，不能再加单位。没有考的人可以安排补考。")
    if everybody:
        raise rules.BadSettings("名册里的全部单位都已经可以参加，不用再加。")
    if named:
        raise rules.BadSettings("这一场按名单参加，加了单位也进不来。请给没有考的人安排补考。")
    if not chosen:
        raise rules.BadSettings("请至少选一个单位。")
    if not 2 <= len(reason) <= rules.LONGEST_REASON:
        raise rules.BadSettings(f"已经开考，改动要写明原因，2 至 {rules.LONGEST_REASON} 个字。")


def check_remove(*, typed: str, title: str, found: rules.State, sat: bool, followed: bool) -> None:
    """rules.CannotRemove, or rules.BadSettings when the name typed to confirm is another."""
    if sat:
        raise rules.CannotRemove("已经有人作答，不能删除。考试结束后可以归档。")
    if found is rules.State.OPEN:
        raise rules.CannotRemove("考试正在进行，不能删除。先结束考试。")
    if followed:
        raise rules.CannotRemove("这一场还有补考，先删除补考。")
    if typed.strip() != title:
        raise rules.BadSettings("填写的名称和这一场的名称不一样，没有删除。")
