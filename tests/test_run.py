"""The starter: short, with nothing but the standard library, and clear when it cannot go on."""

import ast
import re
import sys

import pytest

import run

SOURCE = (run.ROOT / "run.py").read_text()


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Every command run.py would run, none of which runs; each succeeds."""
    made = []
    monkeypatch.setattr(run, "call", lambda command: made.append([str(part) for part in command]) or 0)
    monkeypatch.setattr(run, "VENV", tmp_path)
    return made


def test_it_needs_the_standard_library_only():
    tree = ast.walk(ast.parse(SOURCE))
    names = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    names |= {n.module for n in ast.walk(ast.parse(SOURCE)) if isinstance(n, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_an_old_python_is_told_so(calls, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"3\.11.*\n.*3\.9\.2"):
        run.main([])
    assert calls == []


def test_the_demo_gets_the_words_it_does_not_know(calls):
    assert run.main(["--port", "9000"]) == 0
    assert calls[-1][1:] == ["-m", "quiz", "demo", "--port", "9000"]


def test_the_long_run_of_faults_is_one_command(calls):
    assert run.main(["faults", "--rounds", "200"]) == 0
    assert calls[-1][1:] == ["-m", "tests.faults.kill", "--rounds", "200"]


def test_the_search_for_breaking_files_is_one_command(calls):
    assert run.main(["fuzz", "60"]) == 0
    assert calls[-1][1:] == ["-m", "tests.fuzz", "60"]


def test_the_second_start_installs_nothing(calls):
    run.main([])
    first = len(calls)
    assert any("install" in command for command in calls)
    run.main([])
    assert len(calls) == first + 1


def test_what_is_there_for_tests_serves_the_demo_too(calls):
    run.install("dev", None)
    calls.clear()
    run.install("", None)
    assert calls == []


def test_a_changed_dependency_is_installed_again(calls, monkeypatch):
    run.main([])
    calls.clear()
    monkeypatch.setattr(run, "fingerprint", lambda: "another")
    run.main([])
    assert any("install" in command for command in calls)


def test_wheels_are_used_without_a_network(calls, tmp_path):
    run.main(["--wheels", str(tmp_path), "test", "-k", "x"])
    install = next(command for command in calls if "install" in command)
    assert install[install.index("--no-index") + 2] == str(tmp_path)
    assert calls[-1][-2:] == ["-k", "x"]


@pytest.mark.parametrize("words", [["--wheels"], ["--wheels", "nowhere"], ["wheels"]])
def test_a_missing_folder_is_asked_for(calls, words):
    with pytest.raises(SystemExit, match="目录"):
        run.main(words)


def test_a_python_without_venv_is_told_what_to_install(calls, monkeypatch):
    monkeypatch.setattr(run, "call", lambda command: 1)
    with pytest.raises(SystemExit, match="python3-venv"):
        run.main([])


@pytest.mark.parametrize("failing", ["ruff", "lint-imports", "mypy", "pytest"])
def test_one_failing_check_fails_all_and_the_others_still_run(calls, monkeypatch, capsys, failing):
    ran = []

    def call(command):
        ran.append(command[0].name)
        return int(command[0].name == failing)

    monkeypatch.setattr(run, "call", call)
    assert run.check([]) == 1
    assert set(ran) == {"ruff", "lint-imports", "mypy", "pytest"}
    assert re.search(rf"FAILED\s+{failing}", capsys.readouterr().out)


def test_no_file_names_a_host_to_install_from():
    for name in ("run.py", ".ci/run", "constraints.txt", "pyproject.toml"):
        assert "://" not in (run.ROOT / name).read_text(), name
