"""Which options of a question may change places.

Some options speak about the others. “以上都对” only makes sense below the options it means, and “A 和 B”
only while A and B keep their letters. Freezing too much costs a little variety, freezing too little
makes a wrong question, so doubtful wordings are kept in place.
"""

import re
import unicodedata

from question_bank.question import LABELS

# The words such options are made of. An option with any other word in it speaks of the matter itself.
_WORD = (
    "以上|上述|上面|前面|前述|下列|以下|所列|所述|所有|其他|其它|其余|选项|选择|答案|说法|表述|观点|内容|做法|情况"
    "|情形|因素|原因|方式|方法|措施|条件|要求|[一二两三四五六七八几各][者种项个条]|这些|任何|任意"
    "|正确|准确|错误|可以|可能|包括|包含|符合|满足|具备|属于|适用|成立|需要|应当|应该|合理|存在|没有|同时|全部|只有"
    "|[项中的全都均皆也不无非对是错可行能有会选算仅除外而但又既为和与及或且同即]"
)
_POSITION = "[前后][一二两三四五六七八几]?[者种项个条]|第[一二三四五六七八][者种项个条]"
_ENGLISH = {"all", "none", "both", "either", "neither", "and", "or", "nor", "of", "the", "above", "following"}
_ENGLISH |= {"are", "is", "correct", "true", "false", "not", "only"}
# No such option is longer; what is longer need not be looked at.
_LONGEST = 40

_JOINERS = re.compile(r"[\s\W_]+")
_LETTERS = re.compile("[A-Z]+")
# Atomic, so that a text made to be ambiguous (可能可能可能…) cannot make the match try every way to cut it.
_ONLY_WORDS = re.compile(f"(?>{_WORD}|{_POSITION})*+")
_BY_POSITION = re.compile(_POSITION)
_ALL_OR_NONE = re.compile(
    "^(?:以上|上述|上面|前面|前述|所列|所述|以下|下列|其他|其它|其余)"
    "|[都均皆者]|全(?:部|对|错|是|选|不)|^(?:无|没有).*(?:正确|答案)"
)
_ENGLISH_ALL = re.compile("(?:all|none|both|neither|either) (?:of )?(?:the )?(?:above|following)", re.I)


def movable_runs(options: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """The stretches ``(start, stop)`` of two or more options that may be shuffled among themselves.

    An option that names others by letter or by place (A和B, 前两项) leaves nothing to move. One that
    means all or none of the others keeps its place, and no option crosses it, so that what stood
    above it still does.
    """
    labels = set(LABELS[: len(options)])
    if any(_names_options(option, labels) for option in options):
        return ()
    runs = []
    start = 0
    for place, option in enumerate((*options, None)):
        if option is None or _means_the_others(option):
            if place - start > 1:
                runs.append((start, place))
            start = place + 1
    return tuple(runs)


def _names_options(option: str, labels: set[str]) -> bool:
    if len(option) > _LONGEST:
        return False
    words = _JOINERS.sub(" ", unicodedata.normalize("NFKC", option)).upper().split()
    bare = "".join(words)
    if _BY_POSITION.search(bare) and _ONLY_WORDS.fullmatch(bare):
        return True
    groups = _LETTERS.findall(" ".join(words))
    if groups and all(set(group) <= labels and len(set(group)) == len(group) for group in groups):
        return _ONLY_WORDS.fullmatch(_LETTERS.sub("", bare)) is not None
    named = [word for word in words if word in labels]
    return bool(named) and all(word in labels or word.lower() in _ENGLISH for word in words)


def _means_the_others(option: str) -> bool:
    if len(option) > _LONGEST:
        return False
    text = unicodedata.normalize("NFKC", option)
    if _ENGLISH_ALL.match(text.strip()):
        return True
    bare = _JOINERS.sub("", text)
    return _ALL_OR_NONE.search(bare) is not None and _ONLY_WORDS.fullmatch(bare) is not None
