"""Whether a load holds every page of its export: only then is what it lacks absent (law 11)."""

from __future__ import annotations

from collections.abc import Sequence

from mdm.errors import IncompleteExport
from mdm.inbound.readers import Answer
from mdm.staging import Staged


def missing_pages(files: Sequence[Staged]) -> str | None:
    """What says that pages are missing, as a sentence; None where nothing does.

    Of the pages of one export the last says that nothing follows, and none says that there are
    more rows than all of them have.
    """
    by_feed: dict[str, list[Staged]] = {}
    for staged in files:
        by_feed.setdefault(staged.feed.name, []).append(staged)
    return next((said for pages in by_feed.values() if (said := _missing(pages))), None)


def require_all_pages(files: Sequence[Staged]) -> None:
    """Raises IncompleteExport where a full load lacks pages, for it would end what they hold."""
    said = missing_pages(files)
    if said is not None:
        raise IncompleteExport(
            f"{said} A full load ends what it does not have, so it needs all pages in one command:"
            " add the others, or load without `--mode full`. Nothing was applied."
        )


def _missing(pages: Sequence[Staged]) -> str | None:
    answers: list[Answer] = [staged.answer for staged in pages]
    name, rows = pages[-1].path.name, sum(staged.rows for staged in pages)
    total = max(answer.total for answer in answers)
    if total > rows:
        return f"{name} says that there are {total:,} rows, and {rows:,} were read."
    if all(answer.more for answer in answers):
        return f"{name} says that more pages follow ({answers[-1].more})."
    return None
