"""What the documents in Markdown lead to is there: files, headings in them, and the jobs of make that they name."""

import re
from pathlib import Path

import pytest

from conformance import CONTRACT

ROOT = CONTRACT.parent
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")})
_LINK = re.compile(r"""\]\(([^()\s]+)\)|(?:href|src)="([^"]+)\"""")


def anchors(path: Path) -> set[str]:
    """Name what a page can be entered at, as GitHub does: its headings, and what has an id."""
    text = path.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings} | set(
        re.findall(r'id="([^"]+)"', text)
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for link in (first or second for first, second in _LINK.findall(text)):
        target, _, anchor = link.partition("#")
        path = page.parent / target if target else page
        assert link.startswith(("http://", "https://")) or path.exists(), link
        assert not (anchor and path.suffix == ".md" and path.exists()) or anchor in anchors(path), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_job_of_make_that_is_named_is_there(page: Path) -> None:
    jobs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= jobs
