"""An installation that was put together wrongly says so before anybody works with it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from privacy import keys as key_files
from tests.cast import Cast


def told() -> set[str]:
    """What the checks before a migration say."""
    return {error.id for error in run_checks(databases=["default"]) if error.id}


def test_keys_that_fit_the_database_pass(cast: Cast) -> None:
    assert "aidadmin.E003" not in told()


def test_an_empty_database_asks_for_no_keys(db: None, tmp_path: Path, settings: Any) -> None:
    settings.KEY_FILE = tmp_path / "keys.json"
    assert "aidadmin.E003" not in told()


@pytest.mark.parametrize("made", [False, True])
def test_a_database_restored_without_its_keys_is_refused(
    cast: Cast, tmp_path: Path, settings: Any, made: bool
) -> None:
    """Whether they are missing or others were made meanwhile; and none are made by asking."""
    settings.KEY_FILE = tmp_path / "keys.json"
    if made:
        key_files.make_file(settings.KEY_FILE)
    assert "aidadmin.E003" in told()
    assert settings.KEY_FILE.exists() is made


def test_another_cipher_finds_nobody_and_is_refused(cast: Cast, settings: Any) -> None:
    settings.CIPHER = "sm4"
    assert "aidadmin.E003" in told()


def test_verify_tells_of_keys_that_do_not_fit(
    cast: Cast, tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KEY_FILE = tmp_path / "keys.json"
    with pytest.raises(SystemExit) as ended:
        call_command("verify")
    assert ended.value.code == 1
    assert "密钥文件" in capsys.readouterr().out
