"""Building XML: elements with text, and the finished file."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement


def add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """A new last child; attribute names are written with - for _."""
    child = SubElement(parent, name, {key.replace("_", "-"): value for key, value in attributes.items()})
    child.text = text or None
    return child


def finished(root: Element) -> bytes:
    """The file, UTF-8 with its declaration; the tree is not indented, for space may be text."""
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"
