"""The rules of an exam in sentences, from its settings: what the notice, the API and the rules page say."""

from collections.abc import Sequence
from decimal import Decimal

from question_bank.marking import MultiplePolicy
from quiz.exams import rules
from quiz.exams.admission import Hours
from quiz.exams.counting import Counts


def sentences(
    *,
    papers: Sequence[tuple[str, Sequence[tuple[str, int, Decimal]]]],
    minutes: int,
    full: Decimal,
    pass_mark: Decimal,
    chances: int,
    counts: str,
    multiple_policy: str,
    score_release: str,
    answers_release: str,
    review: str,
    late_minutes: int | None = None,
    daily: int = 0,
    hours: Hours | None = None,
    least_seconds: int = 0,
) -> list[str]:
    """The rules page, from the settings.

    ``papers``: for whom, "" for everybody, and of every section the kind in Chinese, how many items and the
    points of each.
    """
    lines = [_paper_sentence(whom, sections, full) for whom, sections in papers]
    lines.append(f"答题 {minutes} 分钟，到时自动交卷。网络延迟 {rules.GRACE.seconds} 秒以内的答案仍然有效。")
    if hours is not None:
        lines.append(f"{hours.words} 开放，到 {hours.closing} 自动交卷。")
    if late_minutes is not None:
        lines.append(f"开考 {late_minutes} 分钟后不能再入场。")
    lines.append(f"{rules.plain(pass_mark)} 分（含）以上为合格。")
    if any(kind == "多选题" for _, sections in papers for kind, _, _ in sections):
        lines.append(f"多选题{MultiplePolicy(multiple_policy).sentence.rstrip('。')}。")
    lines.append(_chance_sentence(chances, counts, daily))
    if least_seconds:
        lines.append(f"排名看用时，平均每题不到 {least_seconds} 秒的，按每题 {least_seconds} 秒算。")
    lines.append("每次改动都会立即保存。换手机、关页面都能接着答，时间照常计算。")
    lines.append(_release_sentence(score_release, answers_release, review))
    return lines


def _paper_sentence(whom: str, sections: Sequence[tuple[str, int, Decimal]], full: Decimal) -> str:
    parts = "；".join(f"{kind} {count} 题，每题 {rules.plain(points)} 分" for kind, count, points in sections)
    items = sum(count for _, count, _ in sections)
    return f"{whom}{'：' if whom else ''}共 {items} 题，满分 {rules.plain(full)} 分：{parts}。"


def _chance_sentence(chances: int, counts: str, daily: int) -> str:
    if chances == 1:
        return "每人 1 次机会，交卷后不能再改。"
    times = f"每人 {chances} 次机会" if chances else "" if daily else "次数不限"
    if daily:
        times += f"{'，' if times else '每人'}每天最多 {daily} 次"
    return f"{times}，{Counts(counts).chinese}。"


def _releases(score: str, answers: str, key: str) -> dict[rules.Release, list[str]]:
    """What is released when, in words."""
    found: dict[rules.Release, list[str]] = {release: [] for release in rules.Release}
    for release, words in ((score, "成绩"), (answers, "错题"), (key, "正确答案和解析")):
        found[rules.Release(release)].append(words)
    return found


def _listed(things: Sequence[str]) -> str:
    """成绩、错题、正确答案和解析"""
    return "、".join(things)


def _release_sentence(score: str, answers: str, key: str) -> str:
    found = _releases(score, answers, key)
    parts = []
    if found[rules.Release.SUBMIT]:
        parts.append(f"交卷后可以看{_listed(found[rules.Release.SUBMIT])}")
    if found[rules.Release.CLOSE]:
        parts.append(f"考试结束后可以看{_listed(found[rules.Release.CLOSE])}")
    if not parts:
        return "成绩和试题不在手机上公布。"
    return "，".join(parts) + "。"


def next_sentence(*, score: str, answers: str, key: str, over: bool, when: str) -> str:
    """What is still to come after a sitting; "" when everything is there that will be."""
    found = _releases(score, answers, key)
    if found[rules.Release.CLOSE] and not over:
        return f"{when} 考试结束后，可以在这里看{_listed(found[rules.Release.CLOSE])}。"
    if score == rules.Release.NEVER:
        return "本场成绩不在手机上公布，请等组织者通知。"
    if answers == rules.Release.NEVER:
        return "本场只公布成绩，不公布试题。"
    return "本场不公布正确答案和解析。" if key == rules.Release.NEVER else ""
