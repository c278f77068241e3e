"""QTI 2.x and 3 items: one item file, or a package with imsmanifest.xml.

choiceInteraction, textEntryInteraction (with a correctResponse) and extendedTextInteraction are read, one
kind an item; other interactions are left out by name. What is right is what correctResponse says, never
what a scoring script might.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from question_bank import blanks
from question_bank.cells import truths
from question_bank.errors import CannotRead
from question_bank.question import ALTERNATIVE, LABELS, Difficulty, Kind, Question
from question_bank.reading import guard, tree
from question_bank.reading.entries import Entries, points_of
from question_bank.reading.markup import Flow, flow_element, local
from question_bank.report import WARNING

MANIFEST = "imsmanifest.xml"
ITEM = "assessmentitem"
#: Marks text entries that stand below the stem instead of in it.
BELOW = "blanks-below"
MOST_PARTS = 30_000
GAP = "____"
_LARGEST_ITEM = 2_000_000
_HARDNESS = {"easy": Difficulty.EASY, "difficult": Difficulty.HARD}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a manifest says about one item."""

    chapter: str = ""
    basis: str = ""
    difficulty: Difficulty = Difficulty.MEDIUM
    tags: tuple[str, ...] = ()


def read_item(root: Element, row: int, entries: Entries, about: Metadata | None = None) -> None:
    """Put the one item into ``entries`` as question number ``row``."""
    _Item(root, row, entries, about or Metadata()).read()


def read_package(data: bytes, entries: Entries) -> None:
    """Every item of the package in the order of its manifest; a broken one is an error of its own row.

    CannotRead when the package as a whole is not to be opened or holds no items.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            guard.check_directory(archive.infolist(), most=MOST_PARTS)
            items = list(_items(archive))
            if not items:
                raise CannotRead("no-questions", "题库交换包里没有题目。")
            for row, (name, about) in enumerate(items, start=1):
                _read_part(archive, name, row, about, entries)
    except guard.BROKEN_ZIP as wrong:
        raise CannotRead("damaged", "这个题库交换包打不开，可能没有传完整。请重新导出。") from wrong


def _items(archive: zipfile.ZipFile) -> Iterator[tuple[str, Metadata]]:
    names = set(archive.namelist())
    place = next((name for name in archive.namelist() if posixpath.basename(name) == MANIFEST), "")
    folder = posixpath.dirname(place)
    for resource in tree.parse(archive.read(place)).iter():
        kind = resource.get("type", "").lower()
        if local(resource.tag) == "resource" and "item" in kind:
            href = unquote(resource.get("href", ""))
            name = posixpath.normpath(posixpath.join(folder, href))
            yield (name if name in names else href), _metadata(resource)


def _read_part(archive: zipfile.ZipFile, name: str, row: int, about: Metadata, entries: Entries) -> None:
    """One item of a package. Only the item fails when it is missing, broken or something else."""
    try:
        if archive.getinfo(name).file_size > _LARGEST_ITEM:
            raise CannotRead("unpacks-too-large", "题目文件太大")
        root = tree.parse(archive.read(name))
    except KeyError:
        entries.problem(row, "stem", "missing-part", "交换包里没有这一题的文件", name)
        return
    except CannotRead as refusal:
        entries.problem(row, "stem", refusal.code, refusal.message, name)
        return
    if local(root.tag) != ITEM:
        entries.problem(row, "stem", "not-an-item", "这个文件不是题目", name)
        return
    read_item(root, row, entries, about)


def _metadata(resource: Element) -> Metadata:
    """LOM: difficulty, the first classification's taxon, and what the item is based on."""
    chapter = basis = level = ""
    tags: list[str] = []
    for element in resource.iter():
        name = local(element.tag)
        if name == "difficulty":
            level = _deep(element, "value")
        elif name == "keyword":
            tags += [leaf.text for leaf in element.iter() if leaf.text and leaf.text.strip()]
        elif name == "classification":
            chapter = chapter or _deep(element, "taxon")
        elif name == "relation" and _deep(element, "kind").strip() == "isbasedon":
            basis = basis or _deep(element, "resource")
    return Metadata(chapter, basis, _HARDNESS.get(level.strip(), Difficulty.MEDIUM), tuple(tags))


def _deep(element: Element, name: str) -> str:
    """The text of the last leaf under the first descendant of this name, which is how LOM wraps strings."""
    found = next((child for child in element.iter() if local(child.tag) == name), None)
    texts = (
        [leaf.text for leaf in found.iter() if leaf.text and leaf.text.strip()] if found is not None else []
    )
    return texts[-1] if texts else ""


class _Item:
    def __init__(self, root: Element, row: int, entries: Entries, about: Metadata) -> None:
        self.root, self.row, self.entries, self.about = root, row, entries, about
        self.declared = {
            element.get("identifier", ""): element
            for element in root.iter()
            if local(element.tag) == "responsedeclaration"
        }
        self.interactions: list[Element] = []
        self.flow = Flow()
        body = next((element for element in root if local(element.tag) == "itembody"), None)
        if body is not None:
            self._walk(body)
        self.stem = self.flow.result()

    def _walk(self, element: Element) -> None:
        """The stem is everything in the body except what is chosen from; prompts belong to it."""
        name = local(element.tag) if isinstance(element.tag, str) else "comment"
        if name.endswith("interaction"):
            self._interaction(name, element)
            return
        if name in ("comment", "rubricblock", "feedbackblock", "feedbackinline", "templateblock"):
            return
        if not any(_is_interaction(inner) for inner in element.iter()):
            flow_element(element, self.flow)
            return
        block = name in ("p", "div", "blockquote", "pre", "itembody", "li", "td")
        if block:
            self.flow.block()
        self.flow.exact += name == "pre"
        self.flow.text(element.text or "")
        for child in element:
            self._walk(child)
            self.flow.text(child.tail or "")
        if block:
            self.flow.block()
        self.flow.exact -= name == "pre"

    def _interaction(self, name: str, element: Element) -> None:
        self.interactions.append(element)
        prompt = next((child for child in element if local(child.tag) == "prompt"), None)
        if prompt is not None:
            self.flow.block()
            flow_element(prompt, self.flow)
        if name == "textentryinteraction" and element.get("class") != BELOW:
            so_far = "\n".join([*self.flow.lines[-20:], self.flow.line])
            self.flow.line += "" if blanks.ends_in_gap(so_far) else GAP

    def read(self) -> None:
        kinds = {local(element.tag).removesuffix("interaction") for element in self.interactions}
        name = self.stem or self.root.get("title", "")
        if not kinds:
            self.entries.leave(self.row, "description", name)
        elif kinds == {"textentry"}:
            self._fill()
        elif len(self.interactions) > 1:
            self.entries.leave(self.row, "mixed", name)
        elif kinds == {"choice"}:
            self._choice(self.interactions[0])
        elif kinds == {"extendedtext"}:
            key = self._correct(self.interactions[0])
            self._take(Kind.SHORT, (), key[:1])
        else:
            reason = {"match": "matching", "associate": "matching", "order": "ordering"}.get(kinds.pop())
            self.entries.leave(self.row, reason or "interactive", name)

    def _declaration(self, interaction: Element) -> Element | None:
        return self.declared.get(_attribute(interaction, "responseidentifier"))

    def _correct(self, interaction: Element) -> tuple[str, ...]:
        declared = self._declaration(interaction)
        right = (
            [child for child in declared if local(child.tag) == "correctresponse"]
            if declared is not None
            else []
        )
        values = (value for child in right for value in child if local(value.tag) == "value")
        return tuple(value.text or "" for value in values)

    def _choice(self, interaction: Element) -> None:
        choices = [child for child in interaction.iter() if local(child.tag) == "simplechoice"]
        names = [choice.get("identifier", "") for choice in choices]
        texts = tuple(map(self._shown, choices))
        declared = self._declaration(interaction)
        cardinality = declared.get("cardinality", "") if declared is not None else ""
        if cardinality not in ("single", "multiple"):
            message = "没有说明是单选还是多选"
            self.entries.problem(self.row, "kind", "unknown-kind", message, self.stem)
            return
        right = [value.strip() for value in self._correct(interaction)]
        if not set(right) <= set(names) or len(set(names)) != len(names):
            message = "答案指向的选项不存在，或选项的编号有重复"
            self.entries.problem(self.row, "key", "unknown-key", message, " ".join(right))
            return
        said = truths(texts)
        if said and {name.lower() for name in names} in ({"t", "f"}, {"true", "false"}) and len(names) == 2:
            key = tuple(str(said[names.index(name)]) for name in right)
            self._take(Kind.TRUE_FALSE, (), key)
            return
        labels = tuple(label for label, name in zip(LABELS, names, strict=False) if name in right)
        self._take(Kind.SINGLE if cardinality == "single" else Kind.MULTIPLE, texts, labels)

    def _fill(self) -> None:
        key = []
        for interaction in self.interactions:
            values = [value for value in self._correct(interaction) if value.strip()]
            declared = self._declaration(interaction)
            values += _full_marks(declared) if declared is not None and values else []
            key.append(ALTERNATIVE.join(dict.fromkeys(values)))
        self._take(Kind.FILL, (), tuple(key))

    def _shown(self, element: Element) -> str:
        flow = Flow()
        flow_element(element, flow)
        self.flow.pictures += flow.pictures
        return flow.result()

    def _take(self, kind: Kind, options: Sequence[str], key: tuple[str, ...]) -> None:
        feedback = [self._shown(element) for element in self.root if local(element.tag) == "modalfeedback"]
        if self.flow.pictures:
            message = f"题里有 {self.flow.pictures} 处图片或录音，没有读入"
            self.entries.problem(self.row, "stem", "has-picture", message, self.stem, severity=WARNING)
        question = Question(
            kind=kind,
            stem=self.stem,
            options=tuple(options),
            key=key,
            explanation="\n".join(text for text in feedback if text),
            basis=self.about.basis,
            chapter=self.about.chapter,
            difficulty=self.about.difficulty,
            points=self._points(),
            tags=self.about.tags,
        )
        self.entries.take(self.row, question)

    def _points(self) -> float | None:
        for element in self.root:
            if local(element.tag) == "outcomedeclaration" and element.get("identifier") == "MAXSCORE":
                value = next((inner.text for inner in element.iter() if local(inner.tag) == "value"), "")
                return points_of(value or "")
        return None


def _is_interaction(element: Element) -> bool:
    return isinstance(element.tag, str) and local(element.tag).endswith("interaction")


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.items() if local(key) == name), "")


def _full_marks(declared: Element) -> list[str]:
    """Further texts that the mapping pays as much as the best."""
    entries = [element for element in declared.iter() if local(element.tag) == "mapentry"]
    paid = [(_attribute(entry, "mapkey"), points_of(_attribute(entry, "mappedvalue"))) for entry in entries]
    best = max((value for _, value in paid if value), default=None)
    return [text for text, value in paid if value is not None and value == best]
