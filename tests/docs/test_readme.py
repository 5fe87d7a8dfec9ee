"""What the README and the manual tell a user to do works as written."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """Fenced code blocks of a page in one language."""
    return [m["text"] for m in BLOCK.finditer(page.read_text(encoding="utf-8")) if m["language"] == language]


def commands() -> list[str]:
    """Each `ionstone ...` line of the pages' console blocks, once."""
    lines = [line for page in PAGES for text in blocks(page, "console") for line in text.splitlines()]
    found = [line.removeprefix("$ ") for line in lines if line.startswith("$ ionstone ")]
    return sorted(set(found))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_examples_of_a_page_run(page, tmp_path):
    texts = blocks(page, "python")
    if not texts:
        assert "```python" not in page.read_text(encoding="utf-8")
        return
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(texts)], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_manual_ends_well(command, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / "commands"
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command, comments=True)], capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_names_the_two_commands_first():
    first = re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first[:2] == ["compare", "test"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_local_link_of_a_page_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing
