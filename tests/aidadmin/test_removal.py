"""An installation is taken away whole, by a typed word, and never one that is in use."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aidadmin.launch import children, cluster, embedded, private, processes, removal

PASSWORDS = ("super_password", "owner_password", "app_password")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where root's databases lie."""
    folder = tmp_path / "lib"
    folder.mkdir()
    monkeypatch.setattr(embedded, "ROOT_BASE", folder)
    return folder


@pytest.fixture
def var(tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with keys, and its database outside, as root has it."""
    folder = tmp_path / "project" / "var"
    monkeypatch.setenv("AID_VAR", str(folder))
    (folder / "users").mkdir(parents=True)
    for name in ("embedded.json", "embedded.lock", "keys.json"):
        (folder / name).write_text("{}")
    database(base, folder)
    return folder


def database(base: Path, var: Path) -> Path:
    home = embedded.root_home(var)
    (home / "data").mkdir(parents=True)
    (home / "data" / "PG_VERSION").write_text("18")
    return embedded._named(home, var)


def typed(word: str) -> removal.Ask:
    return lambda question: word


def test_it_is_told_and_taken_away_with_its_database(
    var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = embedded.root_home(var)
    assert removal.main([], typed("删除")) == 0
    said = capsys.readouterr().out
    assert str(var) in said
    assert f"属于 {var}" in said
    assert not var.exists()
    assert not home.exists()
    assert var.parent.exists()


@pytest.mark.parametrize("word", ["", "y", "yes", "不删除"])
def test_another_word_removes_nothing(var: Path, word: str) -> None:
    assert removal.main([], typed(word)) == 1
    assert (var / "keys.json").exists()
    assert embedded.root_home(var).exists()


def test_without_anybody_to_ask_nothing_is_removed(var: Path) -> None:
    def nobody(question: str) -> str:
        raise EOFError

    assert removal.main([], nobody) == 1
    assert (var / "keys.json").exists()


def test_ctrl_c_at_the_question_removes_nothing(
    var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def gone_away(question: str) -> str:
        raise KeyboardInterrupt

    assert removal.main([], gone_away) == 1
    assert "没有删除任何东西" in capsys.readouterr().out
    assert (var / "keys.json").exists()


def test_whose_folder_it_may_not_read_is_told(
    var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def shut(self: Path, encoding: str = "") -> str:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_text", shut)
    assert removal.main([], typed("删除")) == 1
    assert capsys.readouterr().err == private.FOREIGN.format(var / removal.MARK) + "\n"


def test_what_cannot_be_deleted_is_told(
    var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(path: Path) -> None:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr("shutil.rmtree", broken)
    assert removal.main([], typed("删除")) == 1
    assert "没有删完" in capsys.readouterr().err


def test_what_was_broken_off_is_found_again(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (var / "files").mkdir()
    (var / "files" / "letter").write_text("private")
    whole = shutil.rmtree

    def broken(path: Path) -> None:
        if path.name == "files":
            raise KeyboardInterrupt
        whole(path)

    with monkeypatch.context() as held:
        held.setattr("shutil.rmtree", broken)
        assert removal.main([], typed("删除")) == 1
    assert removal.main([], typed("删除")) == 0
    assert not var.exists()


def test_of_a_project_that_was_moved_the_database_of_its_old_place(
    tmp_path: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old" / "var", tmp_path / "new" / "var"
    home = database(base, old)
    (home / "identity").write_text("a1")
    new.mkdir(parents=True)
    state = {**dict.fromkeys(PASSWORDS, ""), "identity": "a1", "var": str(old), "port": 0}
    (new / "embedded.json").write_text(json.dumps(state))
    monkeypatch.setenv("AID_VAR", str(new))
    assert removal.main([], typed("删除")) == 0
    assert not home.exists()
    assert not new.exists()


def test_of_a_project_that_was_copied_the_first_ones_database_stays(
    var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, copy = embedded.root_home(var), tmp_path / "copy" / "var"
    (home / "identity").write_text("a1")
    copy.mkdir(parents=True)
    state = {**dict.fromkeys(PASSWORDS, ""), "identity": "a1", "var": str(var), "port": 0}
    (copy / "embedded.json").write_text(json.dumps(state))
    monkeypatch.setenv("AID_VAR", str(copy))
    assert removal.main([], typed("删除")) == 0
    assert home.exists()
    assert not copy.exists()


def test_one_in_use_stays(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    private.write(var / "users" / str(os.getpid()), processes.birth(os.getpid()))
    assert removal.main([], typed("删除")) == 1
    assert f"进程 {os.getpid()}" in capsys.readouterr().err
    assert embedded.root_home(var).exists()


def test_what_a_killed_demonstration_left_serving_is_ended(var: Path) -> None:
    left = subprocess.Popen(["sleep", "60"])
    try:
        noted = [[0, ""], [left.pid, processes.birth(left.pid)]]
        private.write(
            var / children.RECORD, json.dumps({"address": "http://127.0.0.1:1", "processes": noted})
        )
        assert removal.main([], typed("删除")) == 0
        assert left.poll() is not None
    finally:
        left.kill()
        left.wait()


def test_one_that_is_started_while_the_word_is_typed_stays(var: Path) -> None:
    def slowly(question: str) -> str:
        private.write(var / "users" / str(os.getpid()), processes.birth(os.getpid()))
        return "删除"

    assert removal.main([], slowly) == 1
    assert embedded.root_home(var).exists()


def test_a_folder_that_holds_the_project_is_not_taken_for_one(
    var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(embedded, "PROJECT", var / "aid")
    assert removal.main([], typed("删除")) == 1
    assert "AID_VAR" in capsys.readouterr().err
    assert var.exists()


def test_where_nothing_was_installed_nothing_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letters").write_text("kept")
    monkeypatch.setenv("AID_VAR", str(tmp_path))
    assert removal.main([], typed("删除")) == 1
    assert (tmp_path / "letters").exists()


def test_whose_folder_went_by_hand_is_told_how_its_database_goes(
    var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = embedded.root_home(var)
    shutil.rmtree(var)
    assert removal.main([], typed("删除")) == 1
    assert f"数据库还在 {home}，用 make remove OTHERS=1 删除" in capsys.readouterr().err
    assert removal.main(["--others"], typed("删除")) == 0
    assert not home.exists()


@pytest.mark.parametrize("alone", [False, True])
def test_what_the_tests_made_goes_too(var: Path, base: Path, alone: bool) -> None:
    tests = var / "test"
    tests.mkdir()
    (tests / "embedded.json").write_text("{}")
    home = database(base, tests)
    if alone:
        (var / "embedded.json").unlink()
    assert removal.main([], typed("删除")) == 0
    assert not home.exists()
    assert not tests.exists()
    assert var.exists() is alone


def test_while_tests_run_nothing_goes(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (var / "test" / "users").mkdir(parents=True)
    (var / "test" / "embedded.json").write_text("{}")
    private.write(var / "test" / "users" / str(os.getpid()), processes.birth(os.getpid()))
    assert removal.main([], typed("删除")) == 1
    assert f"进程 {os.getpid()}" in capsys.readouterr().err
    assert (var / "keys.json").exists()


def test_of_others_only_those_whose_project_is_gone(
    var: Path, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = database(base, tmp_path / "lost" / "var")
    unknown = base / "0123456789abcdef"
    unknown.mkdir()
    assert removal.main(["--others"], typed("删除")) == 0
    said = capsys.readouterr().out
    assert str(lost) in said
    assert "只是换了位置" in said
    assert not lost.exists()
    assert unknown.exists()
    assert embedded.root_home(var).exists()
    assert var.exists()


def test_of_others_none_whose_server_runs(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = database(base, tmp_path / "lost" / "var")
    monkeypatch.setattr(cluster, "postmaster", lambda data: (1, 5432))
    assert removal.main(["--others"], typed("删除")) == 1
    assert lost.exists()


def test_the_command_asks_on_the_terminal(var: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aidadmin.launch.removal"],
        env={**os.environ, "AID_VAR": str(var)},
        cwd=embedded.PROJECT,
        input="删除\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not var.exists()
