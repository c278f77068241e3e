"""An acknowledged answer survives kill -9 of every server process (promise A1)."""

from faults.kill import one_round


def test_what_was_acknowledged_is_there_after_kill_nine() -> None:
    counts = [one_round("quiz:create_app", seed=seed) for seed in (1, 2, 3)]
    assert sum(count.acknowledged for count in counts) >= 300, "too few acknowledgements to mean anything"
    assert [count.lost for count in counts] == [[], [], []]


def test_the_harness_catches_a_server_that_acknowledges_too_early() -> None:
    assert any(one_round("faults.buffered:create_app", seed=seed).lost for seed in (1, 2, 3))
