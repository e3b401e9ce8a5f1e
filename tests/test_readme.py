"""The README names what there is, no more and no less."""

import re
from pathlib import Path

from incubator import cli, config

README = Path("README.md").read_text()


def test_every_setting_stands_with_its_default_and_meaning():
    rows = [f"| `{row.name}` | {row.default} | {row.doc} |" for row in config.reference()]

    assert re.findall(r"^\| `(?:INCUBATOR_\w+|\w+_URL)` .*$", README, re.MULTILINE) == rows


def test_every_command_stands():
    named = set(re.findall(r"^    incubator ([a-z-]+) ", README, re.MULTILINE))

    assert named == set(cli.cli.commands)


def test_every_folder_of_the_tree_exists():
    tree = README.split("## The tree")[1].split("## On servers")[0]
    packages = set(re.findall(r"\b([a-z_]+)/", tree)) - {"src"}

    missing = [name for name in packages if not (Path(name).is_dir() or Path("incubator", name).is_dir())]
    assert [name for name in missing if not Path("tests", name).is_dir() and not Path("static", name).is_dir()] == []


def test_its_picture_exists():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)

    assert len(pictures) == 1
    assert Path(pictures[0]).is_file()
