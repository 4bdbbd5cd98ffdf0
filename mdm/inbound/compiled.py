"""Makes a feed's lines into one function: from a payload to what the source told, cleaned."""

from __future__ import annotations

import re
from functools import lru_cache

from mdm.domains import DOMAINS
from mdm.inbound.clean import cleaner
from mdm.inbound.codes import codes_of
from mdm.inbound.expressions import ABSENT, Evaluate, compile_expression, is_told
from mdm.inbound.mapping import Feed, Line, Template
from mdm.inbound.told import PARENT, Children, Maker, Step, Telling
from mdm.model.field import Child, Field, Privacy
from mdm.records import Document

WORDS = re.compile(r"\w+")


@lru_cache(maxsize=64)
def telling(feed: Feed) -> Telling:
    """The feed's lines, compiled once per process."""
    domain = DOMAINS[feed.domain]
    return Telling(
        feed=feed,
        domain=domain,
        key=tuple(compile_expression(part).value for part in feed.key),
        steps=_in_order([_step(feed, domain.by_name[n], line) for n, line in feed.fields.items()]),
        children=tuple(
            _children(feed, domain.child_by_name[name], templates)
            for name, templates in feed.children.items()
        ),
        columns=_spellings(feed),
        known=_columns(feed, alone=False),
        alone=_columns(feed, alone=True),
        sequence=_optional(feed.sequence),
        source_time=_optional(feed.source_time),
        deleted=_optional(feed.deleted),
        skip=_optional(feed.skip),
        rows=_optional(feed.rows),
        required=tuple(f.name for f in domain.fields if f.required),
    )


def _spellings(feed: Feed) -> dict[str, str]:
    """The column that each spelling of a header means, the names that lines read included."""
    if not feed.columns:
        return {}
    own = {normal(column): column for column in _columns(feed, alone=False)}
    return own | {
        normal(spelling): column
        for column, spellings in feed.columns.items()
        for spelling in (column, *spellings)
    }


def _optional(text: str | None) -> Evaluate | None:
    return compile_expression(text).value if text is not None else None


def _in_order(steps: list[Step]) -> tuple[Step, ...]:
    """The country first: other values are cleaned in its light."""
    return tuple(sorted(steps, key=lambda step: step.name != "country"))


def _step(feed: Feed, field: Field, line: Line) -> Step:
    expression = compile_expression(line.source)
    return Step(
        name=field.name,
        get=expression.get if line.needs is None else _needing(expression.get, line.needs),
        clean=cleaner(field, codes_of(feed, field, line)),
        empty_is_absent=line.empty == "absent",
        protected=field.privacy is Privacy.PROTECTED,
        columns=frozenset(expression.columns),
    )


def _needing(get: Evaluate, place: str) -> Evaluate:
    """The same, ABSENT where the payload has nothing at the place."""
    paths = compile_expression(place).reads

    def told(payload: Document) -> object:
        return get(payload) if all(is_told(payload, path) for path in paths) else ABSENT

    return told


def _children(feed: Feed, child: Child, templates: tuple[Template, ...]) -> Children:
    makers = tuple(_maker(feed, child, template) for template in templates)
    hidden = tuple(field for field in child.fields if field.privacy is Privacy.PROTECTED)
    spelled = tuple(field for field in child.fields if field.match_by_kind)
    return Children(child, makers, hidden, spelled)


def _maker(feed: Feed, child: Child, template: Template) -> Maker:
    lines = sorted(template.fields.items(), key=lambda item: item[0] != "country")
    steps = tuple(_step(feed, child.field(name), line) for name, line in lines)
    saying = [place for place, step in enumerate(steps) if step.columns]
    needs = [place for place in saying if steps[place].name in template.needs] or saying
    reads = [compile_expression(lines[place][1].source).reads for place in needs]
    constant = tuple(step.name for step in steps if not step.columns)
    read = {column for step in steps for column in step.columns}
    whole = template.each is not None or feed.missing == "null" or not constant
    return Maker(
        each=compile_expression(template.each).get if template.each is not None else None,
        steps=steps,
        below=template.each is not None and PARENT in read,
        needs=tuple(steps[place].get for place in needs),
        reads=tuple(dict.fromkeys(path for paths in reads for path in paths)),
        parts=() if whole or len(reads) < 2 else tuple(tuple(paths) for paths in reads),  # noqa: PLR2004 - one need is told or not
        constant=constant,
    )


def _columns(feed: Feed, *, alone: bool) -> frozenset[str]:
    """The top-level names that the feed's expressions read, and its noise.

    `alone`: without those of children made of the row, which need what tells them apart.
    """
    single = [feed.sequence, feed.source_time, feed.deleted, feed.skip, feed.rows, *feed.key]
    texts = [text for text in single if text is not None]
    texts += [line.source for line in feed.fields.values()]
    for templates in feed.children.values():
        for template in templates:
            if template.each is not None:
                texts.append(template.each)
            elif not alone:
                texts += [line.source for line in template.fields.values()]
    found = {column for text in texts for column in compile_expression(text).columns}
    # Rows made of parts of a payload read the payload's own fields through their parent.
    paths = {path for text in texts for path in compile_expression(text).reads}
    found |= {path[1] for path in paths if path[0] == PARENT and len(path) > 1}
    return frozenset((*found, *feed.noise, *feed.drop))


def normal(header: str) -> str:
    """A header as it is compared: lower case, words joined by "_", without any other sign."""
    return "_".join(WORDS.findall(header.lower().replace("_", " ")))
