"""Files that can be read in one sitting, with names that say something."""

from __future__ import annotations

import ast

from tests.architecture.sources import PACKAGES, files, name, tree

LONGEST = 400
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "service", "base", "misc"}


def test_every_file_is_shorter_than_400_lines() -> None:
    long = {
        f"{name(path)}: {lines}"
        for path in files(*PACKAGES, "tests", "benchmarks")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) >= LONGEST
    }

    assert long == set()


def test_no_name_is_empty_of_meaning() -> None:
    found = {
        name(path)
        for path in files(*PACKAGES, "tests", "benchmarks")
        if {path.stem, *path.parent.parts} & EMPTY_NAMES
    }

    assert found == set()


def test_every_module_begins_with_a_sentence_that_says_why_it_exists() -> None:
    silent = {
        name(path)
        for path in files(*PACKAGES)
        if not (ast.get_docstring(tree(path)) or "").split("\n\n")[0].rstrip().endswith((".", "…"))
    }

    assert silent == set()
