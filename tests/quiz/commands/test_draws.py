"""mingshi draw verify, on the golden example of the documentation."""

import json
from pathlib import Path
from typing import Any

from quiz.draws import rules
from quiz.draws.rules import Entry, Tier

DOC = Path(__file__).resolve().parents[3] / "docs" / "抽奖算法.md"


def example() -> dict[str, Any]:
    """The document of docs/抽奖算法.md, from its own text."""
    text = DOC.read_text().split("```")[1].strip("\n")
    lines = [line.split("\t") for line in text.splitlines()]
    entries = [Entry(name, unit, tail, int(times), mark) for _, name, unit, tail, times, mark in lines[8:]]
    tiers = [Tier(name, int(count)) for name, count in lines[5:7]]
    said = dict(zip(("title", "rule", "source"), (line[0] for line in lines[2:5]), strict=True))
    document = rules.published(rehearsal=False, tiers=tiers, alternates=1, entries=entries, **said)
    document["numbers"] = [{"who": "嘉宾", "number": number} for number in ("385", "027", "914")]
    document["seed"] = rules.seed(document["fingerprint"], ["385", "027", "914"])
    return document | {"winners": rules.winners(document, document["seed"])}


def test_the_documentation_says_what_is_computed() -> None:
    document, text = example(), DOC.read_text()
    assert rules.canonical_list(document) in text
    assert document["fingerprint"] in text
    assert document["seed"] in text
    assert document["winners"] == [2, 1, 4]


def test_verify(mingshi: Any, tmp_path: Path) -> None:
    path, document = tmp_path / "抽奖.json", example()
    path.write_text(json.dumps(document, ensure_ascii=False))
    good = mingshi("draw", "verify", path)
    assert good.exit_code == 0
    assert "1\t名单第 2 位\t陈*3" in good.stdout
    facts = json.loads(mingshi("draw", "verify", path, "--json").stdout)
    assert (facts["agrees"], facts["winners"]) == (True, [2, 1, 4])
    path.write_text(json.dumps(document | {"winners": [1, 2, 4]}))
    bad = mingshi("draw", "verify", path)
    assert (bad.exit_code, "中奖名单" in bad.stdout) == (1, True)
    path.write_text("[1]")
    assert mingshi("draw", "verify", path).exit_code in (1, 2)
    path.write_text("这不是")
    assert mingshi("draw", "verify", path).exit_code == 2
