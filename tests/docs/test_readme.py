"""What the README and the manual tell a user to do works as written."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """Fenced code blocks of a page in one language."""
    return [m["text"] for m in BLOCK.finditer(page.read_text(encoding="utf-8")) if m["language"] == language]


def commands(page: Path) -> list[str]:
    """The `$ ionstone ...` lines of a page's console blocks, in their order."""
    lines = [line for text in blocks(page, "console") for line in text.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ionstone ")]


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=lambda page: page.name)
def test_the_python_examples_of_a_page_run(page, tmp_path):
    program = "\n".join(blocks(page, "python"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if commands(p)], ids=lambda page: page.name)
def test_the_commands_of_a_page_end_well(page, tmp_path):
    for text in blocks(page, "text"):
        if name := re.match(r"# (\w+\.txt)\n", text):
            (tmp_path / name[1]).write_text(text, encoding="utf-8")
    for command in commands(page):
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)], capture_output=True, text=True, cwd=tmp_path
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_the_readme_has_examples_of_both_kinds():
    assert blocks(README, "python")
    assert len(commands(README)) >= 4


def test_the_readme_names_the_two_commands_first():
    first = re.findall(r"^make (\w+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert first[:2] == ["compare", "test"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_local_link_of_a_page_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing
