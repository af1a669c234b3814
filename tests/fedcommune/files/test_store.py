"""A folder that nothing leads out of, and in which nothing half-written stands."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest

from fedcommune.files import store
from fedcommune.files.store import Store


@pytest.fixture
def files(tmp_path: Path) -> Store:
    return Store(tmp_path / "files")


async def test_what_is_kept_is_found_under_a_name_nobody_guesses(files: Store) -> None:
    first, second = await files.keep(b"one", "png"), await files.keep(b"one", "png")

    assert first != second
    assert store.is_name(first)
    assert await files.read(first) == b"one"
    assert stat.S_IMODE(files.path(first).stat().st_mode) == 0o600
    await files.remove(first)
    assert await files.read(first) is None


@pytest.mark.parametrize(
    "name",
    [
        *("", "..", "../x.png", "/etc/passwd", "a" * 32, "A" * 32 + ".png", "a" * 32 + ".svg"),
        *("a" * 32 + ".png/", "a" * 31 + "\x00.png", "a" * 32 + ".png\n", "ａ" * 32 + ".png"),
    ],
)
async def test_sec_med_05_no_other_name_leads_anywhere(files: Store, name: str) -> None:
    assert files.find(name) is None
    assert await files.read(name) is None
    with pytest.raises(ValueError, match="not the name"):
        files.path(name)
    with pytest.raises(ValueError, match="not the name"):
        await files.remove(name)


async def test_sec_med_05_links_and_folders_are_no_files(files: Store, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    link, folder = store.new_name("png"), store.new_name("png")
    files.path(link).parent.mkdir(parents=True)
    files.path(link).symlink_to(secret)
    files.path(folder).mkdir(parents=True)

    assert files.find(link) is None
    assert files.find(folder) is None


async def test_a_write_that_fails_leaves_nothing(
    files: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        await files.keep(b"one", "png")

    assert [each for each in files.folder.rglob("*") if each.is_file()] == []


async def test_what_nobody_knows_is_swept_away_once_it_is_old(files: Store) -> None:
    known, lost, young = [await files.keep(b"x", "png") for _ in range(3)]
    begun = files.path(lost).with_name(f"{lost}.0000.part")
    begun.write_bytes(b"half")
    hours_ago = time.time() - 7200
    for path in (files.path(known), files.path(lost), begun):
        os.utime(path, (hours_ago, hours_ago))
    asked: list[str] = []

    async def answer(names: list[str]) -> Collection[str]:
        asked.extend(names)
        return {known}

    removed = await files.sweep(answer, younger=timedelta(hours=1))

    assert removed == 2
    assert sorted(asked) == sorted([known, lost])
    assert files.find(known) is not None
    assert files.find(young) is not None
    assert files.find(lost) is None
    assert not begun.exists()


async def test_an_empty_store_has_no_folder_and_nothing_to_sweep(files: Store) -> None:
    async def answer(names: list[str]) -> Collection[str]:
        raise AssertionError("nobody is to be asked")

    assert await files.sweep(answer) == 0
    assert not files.folder.exists()
