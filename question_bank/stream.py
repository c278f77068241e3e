"""Chance that anybody can repeat: numbers from a seed by SHA-256 alone.

The generators of a language change with its versions; this one is described in three sentences.
"""

import hashlib
import struct
from collections.abc import Collection, Sequence
from typing import TypeVar

T = TypeVar("T")


class Stream:
    """An endless row of numbers that a seed fixes.

    Block n is SHA-256 of "mingshi paper 1", a zero byte, the seed in UTF-8 and n as eight bytes, and
    is read as eight 32-bit numbers, all big-endian. A number that would favour some results is
    skipped. The 1 is the version: a stored seed must go on giving its paper.
    """

    __slots__ = ("_block", "_prefix", "_words")

    def __init__(self, seed: str) -> None:
        self._prefix = b"mingshi paper 1\0" + seed.encode()
        self._block = 0
        self._words: list[int] = []

    def below(self, bound: int) -> int:
        """A whole number from 0 to ``bound`` - 1, each equally likely."""
        limit = 0x1_0000_0000 - 0x1_0000_0000 % bound
        while True:
            if not self._words:
                digest = hashlib.sha256(self._prefix + self._block.to_bytes(8, "big")).digest()
                self._words = list(struct.unpack(">8I", digest))[::-1]
                self._block += 1
            word = self._words.pop()
            if word < limit:
                return word % bound

    def shuffle(self, things: list[T], start: int = 0, stop: int | None = None) -> None:
        """Fisher–Yates from the end, in place, of the stretch from ``start`` up to ``stop``."""
        for place in range((len(things) if stop is None else stop) - 1, start, -1):
            other = start + self.below(place - start + 1)
            things[place], things[other] = things[other], things[place]

    def pick(self, candidates: Sequence[int], count: int, taken: Collection[int]) -> list[int]:
        """Up to ``count`` of the candidates that are not taken: the first steps of a Fisher–Yates shuffle.

        The list is not copied; ``moved`` remembers the few places that changed.
        """
        size = len(candidates)
        moved: dict[int, int] = {}
        picked: list[int] = []
        for step in range(size):
            if len(picked) == count:
                break
            place = step + self.below(size - step)
            index = candidates[moved.get(place, place)]
            moved[place] = moved.get(step, step)
            if index not in taken:
                picked.append(index)
        return picked
