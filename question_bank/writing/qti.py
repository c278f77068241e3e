"""QTI 3 as a content package: one item file for each question, and imsmanifest.xml.

See ``reading.qti`` for what each part means. Chapter, basis and difficulty stand in the manifest as LOM
(classification, relation isbasedon, educational difficulty), tags as its keywords.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from question_bank import blanks, joined
from question_bank.question import LABELS, Difficulty, Kind, Question
from question_bank.reading.qti import BELOW, MANIFEST
from question_bank.writing.xml import add, finished

_ITEM = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_LOM = "http://ltsc.ieee.org/xsd/LOM"
_MATCH = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"
_MAP = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/map_response.xml"
_HARDNESS = {Difficulty.EASY: "easy", Difficulty.HARD: "difficult"}
#: White space that a page would not show as it is.
_EXACT = re.compile(r"\t|  | \n|\n ")
#: A fixed date, so that the same questions are the same file.
_DATE = (1980, 1, 1, 0, 0, 0)


def document(questions: Sequence[Question]) -> bytes:
    """The package as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, MANIFEST, _manifest(questions))
        for number, question in enumerate(questions, start=1):
            _put(archive, _path(number), _item(question, _name(number)))
    return out.getvalue()


def _put(archive: zipfile.ZipFile, name: str, root: Element) -> None:
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, finished(root))


def _name(number: int) -> str:
    return f"item{number:05d}"


def _path(number: int) -> str:
    return f"items/{_name(number)}.xml"


def _manifest(questions: Sequence[Question]) -> Element:
    root = Element("manifest", {"xmlns": _PACKAGE, "xmlns:lom": _LOM, "identifier": "mingshi-bank"})
    about = add(root, "metadata")
    add(about, "schema", "QTI Package")
    add(about, "schemaversion", "3.0.0")
    add(root, "organizations")
    resources = add(root, "resources")
    for number, question in enumerate(questions, start=1):
        path = _path(number)
        resource = add(resources, "resource", identifier=_name(number), type="imsqti_item_xmlv3p0", href=path)
        _metadata(resource, question)
        add(resource, "file", href=path)
    return root


def _metadata(resource: Element, question: Question) -> None:
    hardness = _HARDNESS.get(question.difficulty, "")
    if not (hardness or question.basis or question.chapter or question.tags):
        return
    lom = add(add(resource, "metadata"), "lom:lom")
    if question.tags:
        general = add(lom, "lom:general")
        for tag in question.tags:
            add(add(general, "lom:keyword"), "lom:string", tag)
    if hardness:
        level = add(add(lom, "lom:educational"), "lom:difficulty")
        add(level, "lom:source", "LOMv1.0")
        add(level, "lom:value", hardness)
    if question.basis:
        relation = add(lom, "lom:relation")
        kind = add(relation, "lom:kind")
        add(kind, "lom:source", "LOMv1.0")
        add(kind, "lom:value", "isbasedon")
        add(add(add(relation, "lom:resource"), "lom:description"), "lom:string", question.basis)
    if question.chapter:
        path = add(add(lom, "lom:classification"), "lom:taxonPath")
        add(add(add(path, "lom:taxon"), "lom:entry"), "lom:string", question.chapter)


def _item(question: Question, name: str) -> Element:
    title = " ".join(question.stem.split())[:60]
    facts = {
        "xmlns": _ITEM,
        "identifier": name,
        "title": title,
        "time-dependent": "false",
        "xml:lang": "zh-CN",
    }
    root = Element("qti-assessment-item", facts)
    _declare(root, question)
    body = add(root, "qti-item-body")
    if question.kind is Kind.FILL:
        _fill_body(body, question)
    else:
        _paragraph(body, question.stem)
        if question.kind is Kind.SHORT:
            add(body, "qti-extended-text-interaction", response_identifier="RESPONSE")
        else:
            _choices(body, question)
    _process(root, question)
    if question.explanation:
        shown = {"outcome_identifier": "FEEDBACK", "show_hide": "show", "identifier": "EXPLANATION"}
        feedback = add(root, "qti-modal-feedback", **shown)
        _paragraph(add(feedback, "qti-content-body"), question.explanation)
    return root


def _gaps(question: Question) -> list[str]:
    """Names of the answers to the blanks. A lone one is RESPONSE, the only name the templates know."""
    several = len(question.key) > 1
    return [f"RESPONSE{place}" if several else "RESPONSE" for place in range(1, len(question.key) + 1)]


def _process(root: Element, question: Question) -> None:
    """How SCORE comes about: by a template of the standard; with several blanks, 1 when all are right."""
    if question.kind is Kind.SHORT:
        return
    if question.kind is Kind.FILL and len(question.key) > 1:
        score = add(add(root, "qti-response-processing"), "qti-set-outcome-value", identifier="SCORE")
        product = add(score, "qti-product")
        for name in _gaps(question):
            add(product, "qti-map-response", identifier=name)
        return
    mapped = question.kind is Kind.FILL and len(joined.accepted(question.key[0])) > 1
    add(root, "qti-response-processing", template=_MAP if mapped else _MATCH)


def _declare(root: Element, question: Question) -> None:
    if question.kind is Kind.FILL:
        for name, entry in zip(_gaps(question), question.key, strict=True):
            texts = joined.accepted(entry)
            declared = _response(root, name, "single", "string", texts[:1])
            if len(texts) > 1 or len(question.key) > 1:
                mapping = add(declared, "qti-mapping", default_value="0")
                for text in texts:
                    add(mapping, "qti-map-entry", map_key=text, mapped_value="1", case_sensitive="false")
    elif question.kind is Kind.SHORT:
        _response(root, "RESPONSE", "single", "string", question.key)
    else:
        cardinality = "multiple" if question.kind is Kind.MULTIPLE else "single"
        _response(root, "RESPONSE", cardinality, "identifier", question.key)
    _outcome(root, "SCORE", "float", "")
    if question.points is not None:
        _outcome(root, "MAXSCORE", "float", f"{question.points:g}")
    if question.explanation:
        _outcome(root, "FEEDBACK", "identifier", "EXPLANATION")


def _response(root: Element, name: str, cardinality: str, base: str, values: Sequence[str]) -> Element:
    declared = add(root, "qti-response-declaration", identifier=name, cardinality=cardinality, base_type=base)
    if values:
        right = add(declared, "qti-correct-response")
        for value in values:
            add(right, "qti-value", value)
    return declared


def _outcome(root: Element, name: str, base: str, value: str) -> None:
    declared = add(root, "qti-outcome-declaration", identifier=name, cardinality="single", base_type=base)
    if value:
        add(add(declared, "qti-default-value"), "qti-value", value)


def _choices(body: Element, question: Question) -> None:
    one = question.kind is not Kind.MULTIPLE
    facts = {"response_identifier": "RESPONSE", "max_choices": "1" if one else "0", "shuffle": "true"}
    interaction = add(body, "qti-choice-interaction", **facts)
    if question.kind is Kind.TRUE_FALSE:
        interaction.set("shuffle", "false")
        add(interaction, "qti-simple-choice", "正确", identifier="T")
        add(interaction, "qti-simple-choice", "错误", identifier="F")
    for label, option in zip(LABELS, question.options, strict=False):
        choice = add(interaction, "qti-simple-choice", identifier=label)
        if _EXACT.search(option):
            add(choice, "pre", option)
        else:
            _lines(choice, option)


def _fill_body(body: Element, question: Question) -> None:
    """Each entry behind its gap where the stem has a gap for each, else all of them below it."""
    places = blanks.ends(question.stem)
    names = _gaps(question)
    if len(places) != len(names):
        _paragraph(body, question.stem)
        below = add(body, "div")
        for name in names:
            entry = {"class": BELOW, "response-identifier": name}
            add(below, "qti-text-entry-interaction", **entry)
        return
    holder = _holder(body, question.stem)
    start = 0
    for place, name in zip(places, names, strict=True):
        _append(holder, question.stem[start:place])
        add(holder, "qti-text-entry-interaction", response_identifier=name)
        start = place
    _append(holder, question.stem[start:])


def _holder(parent: Element, text: str) -> Element:
    return add(parent, "pre" if _EXACT.search(text) else "p")


def _paragraph(parent: Element, text: str) -> None:
    _append(_holder(parent, text), text)


def _append(holder: Element, text: str) -> None:
    """Add text behind what the element holds already; line breaks become <br/> except where they count."""
    if holder.tag == "pre":
        _put_text(holder, text)
    else:
        _lines(holder, text)


def _lines(holder: Element, text: str) -> None:
    first, *rest = text.split("\n")
    _put_text(holder, first)
    for line in rest:
        add(holder, "br").tail = line or None


def _put_text(holder: Element, text: str) -> None:
    if len(holder):
        holder[-1].tail = (holder[-1].tail or "") + text
    else:
        holder.text = (holder.text or "") + text
