"""What an organiser may choose for a row that is wrong: named fixes, offered and never applied by themselves.

A fix is offered where a problem has an obvious way out (bank_formats §8, rules 4 and 5). Which way is
right only a person knows, so ``apply`` is called for what was tapped and the result is judged anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from question_bank.question import FALSE, LABELS, TRUE, Difficulty, Kind, Question


@dataclass(frozen=True, slots=True)
class Fix:
    """One choice. ``words`` are on its button; ``field`` is the field to edit by hand when the fix is to
    look there, and empty when ``apply`` does it."""

    code: str
    words: str
    field: str = ""


_EDIT_KEY = Fix("edit-key", "改答案", "key")
_FILL_KEY = Fix("edit-key", "填写答案", "key")
_EDIT_OPTIONS = Fix("edit-options", "去修改选项", "options")
_EDIT_STEM = Fix("edit-stem", "改题干", "stem")
_EDIT_KIND = Fix("edit-kind", "选题型", "kind")
_TO_SINGLE = Fix("to-single", "改为单选题")
_TO_MULTIPLE = Fix("to-multiple", "改为多选题")
_TRUE_FALSE = (Fix("key-true", "答案定为正确"), Fix("key-false", "答案定为错误"))
_AS_IT_IS = Fix("accept", "就这样入库")
_LEVELS = (
    Fix("difficulty-medium", "按“中”处理"),
    Fix("difficulty-easy", "按“易”处理"),
    Fix("difficulty-hard", "按“难”处理"),
)

#: Problem code → what may be chosen, the likeliest first.
_OFFERED: dict[str, tuple[Fix, ...]] = {
    "many-keys-for-single": (_TO_MULTIPLE, Fix("edit-key", "保留单选，重选答案", "key")),
    "one-key-for-multiple": (_TO_SINGLE, Fix("edit-key", "保留多选，补答案", "key"), _AS_IT_IS),
    "key-beyond-options": (_EDIT_KEY, _EDIT_OPTIONS),
    "no-key": (_FILL_KEY,),
    "unknown-key": (_EDIT_KEY,),
    "unknown-flag": (_EDIT_KEY,),
    "answer-twice": (_EDIT_KEY,),
    "blanks-differ": (_EDIT_KEY, _AS_IT_IS),
    "counted-answers": (_EDIT_KEY, _AS_IT_IS),
    "repeated-key": (Fix("distinct-key", "去掉重复的字母"), _EDIT_KEY),
    "identical-options": (_EDIT_OPTIONS,),
    "too-few-options": (Fix("edit-options", "补选项", "options"),),
    "too-many-options": (_EDIT_OPTIONS,),
    "empty-option": (Fix("drop-empty", "去掉空的选项"), Fix("edit-options", "补上选项", "options")),
    "no-stem": (Fix("edit-stem", "填写题干", "stem"),),
    "answer-in-stem": (_EDIT_STEM, _AS_IT_IS),
    "joined-row": (_EDIT_STEM, _AS_IT_IS),
    "unknown-kind": (_EDIT_KIND,),
    "unknown-kind-code": (_EDIT_KIND,),
    "unknown-difficulty": _LEVELS,
    "unknown-points": (Fix("accept", "不写分值"),),
}
_JUDGED = ("no-key", "unknown-key")


def fixes(code: str, question: Question | None) -> tuple[Fix, ...]:
    """What may be chosen for a problem of this code; nothing where no question could be read."""
    if question is None:
        return ()
    if code in _JUDGED and question.kind is Kind.TRUE_FALSE:
        return _TRUE_FALSE
    offered = _OFFERED.get(code, ())
    if code in ("unknown-kind", "unknown-kind-code") and question.key and len(question.options) > 1:
        return (_TO_MULTIPLE if len(question.key) > 1 else _TO_SINGLE, *offered)
    # With a gap after which nothing stands the letters would not tell what they meant.
    if code == "empty-option" and not any(option.strip() for option in question.options):
        return tuple(fix for fix in offered if fix.field)
    return offered


def apply(code: str, question: Question) -> Question:
    """The question with this fix. ValueError for a code that changes nothing by itself."""
    if code not in _APPLY:
        raise ValueError(f"no fix {code}")
    return _APPLY[code](question)


def _without_empty(question: Question) -> Question:
    """The options that say something; letters of the key follow their options, and one that pointed at
    an empty option stays behind, beyond the others, for the judge to find."""
    kept = [place for place, option in enumerate(question.options) if option.strip()]
    moved = {LABELS[old]: LABELS[new] for new, old in enumerate(kept)}
    lost = LABELS[len(kept)] if len(kept) < len(LABELS) else LABELS[-1]
    key = tuple(sorted({moved.get(label, lost) for label in question.key}))
    return replace(question, options=tuple(question.options[place] for place in kept), key=key)


_APPLY: dict[str, Callable[[Question], Question]] = {
    "to-single": lambda question: replace(question, kind=Kind.SINGLE),
    "to-multiple": lambda question: replace(question, kind=Kind.MULTIPLE),
    "key-true": lambda question: replace(question, key=(TRUE,)),
    "key-false": lambda question: replace(question, key=(FALSE,)),
    "distinct-key": lambda question: replace(question, key=tuple(sorted(set(question.key)))),
    "drop-empty": _without_empty,
    "difficulty-easy": lambda question: replace(question, difficulty=Difficulty.EASY),
    "difficulty-medium": lambda question: replace(question, difficulty=Difficulty.MEDIUM),
    "difficulty-hard": lambda question: replace(question, difficulty=Difficulty.HARD),
    "accept": lambda question: question,
}
