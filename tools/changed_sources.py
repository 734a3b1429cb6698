# SPDX-License-Identifier: Apache-2.0
"""Which source files a change touches.

Changed means: since the merge base with origin/main or main, or, standing on main itself, since the commit before; work that
is not committed counts. ASTROLABE_LINT_BASE names another base. A changed header stands for one source file that includes it:
the one beside it, else the first.
"""

import os
import pathlib
import subprocess

import source_tree


def git(root: pathlib.Path, *arguments: str) -> str | None:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def find_base(root: pathlib.Path) -> str | None:
    """The commit to compare with; None where there is nothing older, or no git."""
    if chosen := os.environ.get("ASTROLABE_LINT_BASE"):
        return git(root, "rev-parse", "--verify", f"{chosen}^{{commit}}")
    head = git(root, "rev-parse", "HEAD")
    for branch in ("origin/main", "main"):
        base = git(root, "merge-base", "HEAD", branch)
        if base and base != head:
            return base
    return git(root, "rev-parse", "--verify", "HEAD~1")


def reader_of(root: pathlib.Path, header: str, sources: list[str]) -> str | None:
    beside = header.removesuffix(".h") + ".cpp"
    if beside in sources:
        return beside
    line = f'#include "{header.removeprefix("src/")}"'
    return next((source for source in sources if line in source_tree.read(root / source)), None)


def every_source(root: pathlib.Path) -> list[str]:
    files = [file.as_posix() for file in source_tree.list_files(root)]
    return [file for file in files if file.endswith(".cpp") and file.startswith(("benchmarks/", "src/", "tests/"))]


def changed_sources(root: pathlib.Path) -> list[str]:
    sources = every_source(root)
    base = find_base(root)
    if base is None:
        return sources
    changed = set((git(root, "diff", "--name-only", base) or "").splitlines())
    changed.update((git(root, "ls-files", "-o", "--exclude-standard") or "").splitlines())
    selected = changed.intersection(sources)
    for header in sorted(file for file in changed if file.endswith(".h") and (root / file).exists()):
        selected.add(reader_of(root, header, sources) or "")
    return sorted(selected - {""})
