# SPDX-License-Identifier: Apache-2.0
"""Which files are ours: the ground that every check stands on."""

import argparse
import pathlib
import subprocess

SKIPPED = {"build", ".venv", ".git", ".cache", "runs", "node_modules", "__pycache__"}


def list_files(root: pathlib.Path) -> list[pathlib.Path]:
    """Every file that git tracks or would track, relative to `root`; without git, every file outside SKIPPED."""
    command = ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"]
    try:
        listing = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        names = [pathlib.Path(name) for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [path.relative_to(root) for path in root.rglob("*")]
        names = [name for name in names if not SKIPPED.intersection(name.parts)]
    return sorted(name for name in set(names) if (root / name).is_file())


def read(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def parse_root(description: str, *options: tuple[str, str]) -> argparse.Namespace:
    """The command line that the checks share: --root, and flags given as (name, help)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    for name, text in options:
        parser.add_argument(name, action="store_true", help=text)
    return parser.parse_args()


def report(problems: list[str]) -> int:
    """Prints one problem per line; the exit status of a check."""
    for problem in problems:
        print(problem)
    return 1 if problems else 0
