import hashlib
from collections import Counter

from question_bank.stream import Stream


def test_the_numbers_are_those_of_the_description() -> None:
    stream = Stream("柞水 2022")
    for block in range(3):
        digest = hashlib.sha256(
            b"mingshi paper 1\0" + "柞水 2022".encode() + block.to_bytes(8, "big")
        ).digest()
        for start in range(0, 32, 4):
            assert stream.below(2**32) == int.from_bytes(digest[start : start + 4], "big")


def test_a_number_that_would_favour_some_results_is_skipped() -> None:
    # Of 2**31 + 1 results, numbers from 2**31 + 1 up would make the small ones twice as likely.
    bound = 2**31 + 1
    raw, fair = Stream("s"), Stream("s")
    words = [raw.below(2**32) for _ in range(200)]
    kept = [word for word in words if word < bound]
    assert len(kept) < len(words)
    assert [fair.below(bound) for _ in kept] == kept


def test_every_result_is_about_equally_likely() -> None:
    stream = Stream("fair")
    counts = Counter(stream.below(6) for _ in range(6000))
    assert sorted(counts) == [0, 1, 2, 3, 4, 5]
    assert all(900 < count < 1100 for count in counts.values())


def test_a_shuffle_stays_within_its_bounds() -> None:
    things = list(range(10))
    Stream("s").shuffle(things, 3, 7)
    assert things[:3] == [0, 1, 2]
    assert things[7:] == [7, 8, 9]
    assert sorted(things[3:7]) == [3, 4, 5, 6]


def test_picks_are_distinct_and_none_is_taken() -> None:
    picked = Stream("s").pick(range(100, 120), 15, {100, 101, 102})
    assert len(set(picked)) == 15
    assert set(picked) <= set(range(103, 120))
    assert sorted(Stream("s").pick(range(5), 9, {1})) == [0, 2, 3, 4]
