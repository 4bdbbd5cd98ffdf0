"""From a payload to what the source told, cleaned, by the compiled lines of its feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jmespath.exceptions import JMESPathError

from matching.kinds import KINDS
from mdm.inbound.clean import Clean, Noted, as_text
from mdm.inbound.expressions import ABSENT, Evaluate, compile_expression, is_false, is_told
from mdm.inbound.functions import Unreadable
from mdm.inbound.mapping import Feed
from mdm.model.domain import Domain
from mdm.model.field import Child, Field
from mdm.records import IN_PART, Document, Finding, SealedValue
from mdm.sealing.keys import Keys
from mdm.sealing.protected import protect

PARENT = "_parent"
"""Where a row, or a child, made of a part of a payload finds the whole."""


class Refused(Exception):
    """A row that cannot become a record: a code, and a reason a finance person understands."""

    def __init__(self, code: str, reason: str, source_key: str | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.source_key = source_key


@dataclass(frozen=True, slots=True)
class Step:
    """One line, compiled."""

    name: str
    get: Evaluate
    clean: Clean
    empty_is_absent: bool
    protected: bool
    columns: frozenset[str]
    """The payload's own fields that it reads; none: it is a constant."""


@dataclass(frozen=True, slots=True)
class Maker:
    """One template of children, compiled."""

    each: Evaluate | None
    steps: tuple[Step, ...]
    needs: tuple[Evaluate, ...]
    """One of these must say something."""
    reads: tuple[tuple[str, ...], ...]
    below: bool = False
    """Its lines read the payload too, as the parent of each part."""
    told: bool = False
    """The payload always tells of them: their columns are there."""
    parts: tuple[tuple[tuple[str, ...], ...], ...] = ()
    """What each of the needs reads, where the payload may tell some of them and not others."""
    constant: tuple[str, ...] = ()
    """The fields that say which child it is: the same in every one."""

    def in_part(self, payload: Document) -> bool:
        """Whether the payload leaves out some of what makes a child, which then stays as it was."""
        return any(not any(is_told(payload, path) for path in paths) for paths in self.parts)


@dataclass(frozen=True, slots=True)
class Children:
    """How the children of one name are made."""

    child: Child
    makers: tuple[Maker, ...]
    protected: tuple[Field, ...]
    spelled: tuple[Field, ...]
    """Fields spelt by the `kind` of the child: a tax number may be a VAT number."""


@dataclass(slots=True)
class Vault:
    """The keys, and the protected values that rows brought, for the vault."""

    keys: Keys
    sealed: dict[str, SealedValue]
    clear: list[str]
    """Clear values of the row at hand: they may stand nowhere else in it."""
    findings: list[Finding]
    """What is wrong with them; it cannot be seen any more once they are sealed."""

    def put(self, value: str) -> Document:
        """What the document carries instead of the value."""
        document, sealed = protect(self.keys, value)
        self.sealed.setdefault(sealed.fingerprint, sealed)
        self.clear.append(value)
        return document


@dataclass(frozen=True, slots=True)
class Telling:
    """A feed, compiled."""

    feed: Feed
    domain: Domain
    key: tuple[Evaluate, ...]
    steps: tuple[Step, ...]
    children: tuple[Children, ...]
    columns: Mapping[str, str]
    """Header synonyms: normalised spelling -> the column's name in the mapping."""
    known: frozenset[str]
    """Columns that a line reads, or that are declared as noise."""
    alone: frozenset[str]
    """Those of them that need no other column."""
    sequence: Evaluate | None
    source_time: Evaluate | None
    deleted: Evaluate | None
    skip: Evaluate | None
    rows: Evaluate | None
    required: tuple[str, ...]

    def of_shape(self, shape: frozenset[str]) -> Telling:
        """The same for payloads of just these fields: lines that read others are left out."""
        if self.feed.missing == "null":
            return self
        return replace(
            self,
            deleted=_within(self.feed.deleted, self.deleted, shape),
            source_time=_within(self.feed.source_time, self.source_time, shape),
            steps=tuple(step for step in self.steps if not step.columns or step.columns & shape),
            children=tuple(
                shaped for one in self.children if (shaped := _of_shape(one, shape)) is not None
            ),
        )

    def lacking(self, shape: frozenset[str]) -> dict[str, list[str]]:
        """The columns of these payloads that no child can keep, with what one of them would need.

        Terms of a company are kept beside the company only.
        """
        makers = [m for one in self.children for m in one.makers if m.each is None]
        idle = [m for m in makers if not any(path[0] in shape for path in m.reads)]
        kept = {c for m in makers if m not in idle for step in m.steps for c in step.columns}
        return {
            column: sorted({path[0] for path in maker.reads})
            for maker in idle
            for step in maker.steps
            for column in (step.columns & shape) - kept - self.alone
        }

    def source_key(self, payload: Document) -> str:
        """The crosswalk key: its parts as text, joined by "/"; Refused if one is empty."""
        if len(self.key) == 1:
            parts = [found := _key_part(self.key[0], payload)]
        else:
            parts = [_key_part(get, payload) for get in self.key]
            # Only the last part may hold a slash, or two keys could read the same.
            found = "/".join((*(part.replace("/", "%2F") for part in parts[:-1]), parts[-1]))
            found = found if all(parts) else ""
        if not found:
            raise _without_key(self.feed, parts)
        return found

    def told(self, payload: Document, noted: Noted, vault: Vault) -> Document:
        """The cleaned fields the payload tells; Refused names the field that cannot be read."""
        told: Document = {}
        null_missing = self.feed.missing == "null"
        country: str | None = None
        step: Step | None = None
        try:
            for step in self.steps:
                value = step.get(payload)
                if value is ABSENT or (value == "" and step.empty_is_absent):
                    if null_missing:
                        told[step.name] = None
                elif value is None or value == "":
                    told[step.name] = None
                else:
                    told[step.name] = step.clean(value, country, noted)
                    if step.name == "country":
                        country = told["country"]
        except (Unreadable, JMESPathError) as error:
            assert step is not None
            raise _refused(step, step.name, error) from error
        for children in self.children:
            holders = _holders(children, payload, country, noted, vault)
            if holders is not None:
                told[children.child.name] = holders or None
            elif null_missing:
                told[children.child.name] = None
        return told


def _within(text: str | None, evaluate: Evaluate | None, shape: frozenset[str]) -> Evaluate | None:
    """The line, unless these payloads have nothing of what it reads."""
    if text is None or not compile_expression(text).columns & shape:
        return None
    return evaluate


def _of_shape(children: Children, shape: frozenset[str]) -> Children | None:
    makers = []
    for maker in children.makers:
        if maker.each is not None:
            makers.append(maker)
        elif any(path[0] in shape for path in maker.reads):
            steps = tuple(s for s in maker.steps if not s.columns or s.columns & shape)
            told = any(len(path) == 1 and path[0] in shape for path in maker.reads)
            whole = all(len(path) == 1 and path[0] in shape for path in maker.reads)
            parts = () if whole else maker.parts
            makers.append(replace(maker, steps=steps, told=told, parts=parts))
    return replace(children, makers=tuple(makers)) if makers else None


def _without_key(feed: Feed, parts: list[str]) -> Refused:
    """The refusal of a row, with the fields of it that the empty parts of its key are read from."""
    empty = [text for text, part in zip(feed.key, parts, strict=True) if not part]
    said = [" or ".join(map(".".join, compile_expression(text).reads)) or text for text in empty]
    is_empty = "is empty" if len(said) == 1 else "are empty"
    return Refused("missing_key", f"The row has no key: {' and '.join(said)} {is_empty}.")


def _key_part(get: Evaluate, payload: Document) -> str:
    try:
        value = get(payload)
        return "" if value is None else as_text(value).strip()
    except JMESPathError as error:
        raise Refused(
            "missing_key", "The row's key has another shape than the mapping says."
        ) from error
    except Unreadable as error:
        raise Refused("missing_key", f"The row's key cannot be read: {error.sentence}") from error


def _holders(
    children: Children, payload: Document, country: str | None, noted: Noted, vault: Vault
) -> list[Document] | None:
    """The children a payload tells; None where it does not tell of them at all."""
    child = children.child
    made: list[Document] = []
    told = False
    for maker in children.makers:
        if maker.each is None:
            items = [payload]
            told = told or maker.told or any(is_told(payload, path) for path in maker.reads)
        else:
            each = maker.each(payload)
            if each is ABSENT:
                continue
            items = _items(each, child.name)
            if maker.below:
                items = [{**item, PARENT: payload} for item in items]
            told = True
        for item in items:
            if (holder := _made(child, maker, item, country, noted)) is not None:
                made.append(holder)
    _spell(children.spelled, made, country)
    if len(made) > 1:
        made = list({_identity(child, holder): holder for holder in reversed(made)}.values())[::-1]
    if children.protected:
        for holder in made:
            _seal(children, holder, vault)
    return made if told else None


def _spell(lines: tuple[Field, ...], made: list[Document], country: str | None) -> None:
    """Spells values as the kind they turned out to be: VAT numbers carry their prefix."""
    for line in lines:
        for holder in made:
            value, kind = holder.get(line.name), holder.get("kind")
            for name, column in line.match_by_kind:
                if name == kind and value is not None:
                    holder[line.name] = KINDS[column].clean(value, holder.get("country") or country)


def _items(items: Any, name: str) -> list[Any]:
    if items is None:
        return []
    listed = items if isinstance(items, list) else [items]
    for item in listed:
        if not isinstance(item, dict):
            raise Refused(
                "wrong_type", f"{name} must be a list of objects; it holds {item!r}."[:200]
            )
    return listed


def _made(
    child: Child, maker: Maker, payload: Document, country: str | None, noted: Noted
) -> Document | None:
    """One child; None where nothing of what it needs is said."""
    holder: Document = {}
    step = maker.steps[0]
    in_part = bool(maker.parts) and maker.in_part(payload)
    laid_over = child.scoped or in_part
    try:
        if not in_part and not _says_something(maker.needs, payload):
            return None
        for step in maker.steps:
            value = step.get(payload)
            if value is ABSENT or value is None or value == "":
                if laid_over and value is not ABSENT:
                    holder[step.name] = None
                continue
            found = step.clean(value, country, noted)
            if found is not None or laid_over:
                holder[step.name] = found
            if step.name == "country":
                country = found or country
    except (Unreadable, JMESPathError) as error:
        raise _refused(step, f"{child.name}.{step.name}", error) from error
    if in_part:
        holder[IN_PART] = list(maker.constant)
    return holder


def _says_something(needs: tuple[Evaluate, ...], payload: Document) -> bool:
    for get in needs:
        value = get(payload)
        if value is not ABSENT and value is not None and value != "":
            return True
    return False


def _refused(step: Step, place: str, error: Unreadable | JMESPathError) -> Refused:
    """The refusal of a field; a protected value may not stand in a reason."""
    if step.protected:
        return Refused("wrong_type", f"Field {place}: its value cannot be read.")
    if isinstance(error, Unreadable):
        return Refused(error.code, f"Field {place}: {error.sentence}")
    return Refused(
        "wrong_type", f"Field {place}: its value has another shape than the mapping says."
    )


def _identity(child: Child, holder: Document) -> tuple[Any, ...]:
    return tuple(holder.get(name) for name in child.key)


def _seal(children: Children, holder: Document, vault: Vault) -> None:
    """Puts the holder's protected values in the vault, judged before, for then nobody can."""
    for line in children.protected:
        clear = holder.get(line.name)
        if clear is not None:
            if wrong := KINDS[line.kind].problem(clear, holder.get("country")):
                place = f"{children.child.name}.{line.name}"
                vault.findings.append(Finding(f"invalid_{line.kind}", place, wrong))
            holder[line.name] = vault.put(clear)


def holds(test: Evaluate | None, payload: Document, what: str) -> bool:
    """Whether a condition of the mapping is true of the payload; Refused if unreadable."""
    if test is None:
        return False
    try:
        return not is_false(test(payload))
    except Unreadable as error:
        raise Refused(error.code, f"Whether the row is {what}: {error.sentence}") from error
    except JMESPathError as error:
        raise Refused("wrong_type", f"Whether the row is {what} cannot be read.") from error
