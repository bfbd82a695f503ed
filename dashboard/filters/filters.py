"""What galaxies must be like to be shown: a range, a choice or a part of a text for each column.

Filters come back from the browser in two ways, the store and the address. Both are hostile: each
value is checked before use. What filters let pass, the columns themselves know (columns).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from dashboard.filters import FilterError
from dashboard.filters.region import Region
from dashboard.filters.sky_region import SkyRegion, region_of_text
from dashboard.untrusted import is_number, quoted

if TYPE_CHECKING:
    from pipeline.atlas import Column

MISSING = ""  # the choice of galaxies without a value; no label is empty
MOST_CHOICES = 50  # labels of a column to choose from; of more, a part is asked for
MOST_FILTERS = 200
ADDRESS_PREFIX = "f."  # of the fields of an address that are filters
REGION_FIELD = "region"  # of an address
# Among the names of columns, none of which begins so: the cosine with the query.
SIMILARITY = "~similarity"
LONGEST_TEXT = 200  # characters of a label, or of a part of one
_LONGEST_NAME = 200  # characters of a column
_BETWEEN, _OR = "..", "|"
_REGION_KEY = ""  # in the store, among the names of columns; none is empty


@dataclass(frozen=True)
class Range:
    """Numbers between two ends, both included; galaxies without a value are left out.

    Attributes
    ----------
    least, most : float or None
        In the unit of the column; None where this end is open. One of them is given.
    """

    least: float | None = None
    most: float | None = None

    def __post_init__(self) -> None:
        ends = [end for end in (self.least, self.most) if end is not None]
        for end in ends:
            if not is_number(end):
                raise FilterError(f"{quoted(end)} is not a number that a range can end at.")
        if not ends:
            raise FilterError("A range needs a number at one of its ends.")
        if len(ends) == 2 and ends[0] > ends[1]:
            raise FilterError(
                f"No number is {_plain(ends[0])} or more and {_plain(ends[1])} or less. "
                "Change one of the two."
            )

    @classmethod
    def from_text(cls, text: str) -> Range:
        """Read what `to_text` wrote; raise a FilterError if it is something else."""
        least, between, most = text.partition(_BETWEEN)
        if not between:
            raise FilterError(f"{quoted(text)} is not a range such as 14..17.5, 14.. or ..17.5.")
        return cls(*(_number(end) if end else None for end in (least, most)))

    def to_json(self) -> list[float | None]:
        """Return what the browser's store keeps."""
        return [self.least, self.most]

    def to_text(self) -> str:
        """Return what the address says, such as ``0.01..0.05`` or ``..17``."""
        return _BETWEEN.join("" if e is None else _plain(e) for e in (self.least, self.most))

    def to_words(self, unit: str = "") -> str:
        """Return what people read, such as ``14 to 17.5 mag`` or ``17 mag or less``."""
        ends = [_plain(end) for end in (self.least, self.most) if end is not None]
        beyond = "" if len(ends) == 2 else " or less" if self.least is None else " or more"
        return " to ".join(ends) + f" {unit}".rstrip() + beyond


@dataclass(frozen=True)
class Choice:
    """Any of some labels.

    Attributes
    ----------
    labels : tuple of str
        At least one, in alphabetical order; `MISSING` for galaxies without a value.
    """

    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        labels = tuple(sorted(set(self.labels))) if _are_labels(self.labels) else ()
        if not labels:
            raise FilterError(f"A choice has 1 to {MOST_CHOICES} labels. Reload the page.")
        object.__setattr__(self, "labels", labels)

    @classmethod
    def from_text(cls, text: str) -> Choice:
        """Read what `to_text` wrote; raise a FilterError if it is something else."""
        return cls(tuple(map(unquote, text.split(_OR))))

    def to_json(self) -> list[str]:
        """Return what the browser's store keeps."""
        return list(self.labels)

    def to_text(self) -> str:
        """Return what the address says, such as ``disk|ring``."""
        return _OR.join(label.replace("%", "%25").replace(_OR, "%7C") for label in self.labels)

    @property
    def is_missing(self) -> bool:
        """Whether only galaxies without a value are wanted."""
        return self.labels == (MISSING,)

    def to_words(self, _unit: str = "") -> str:
        """Return what people read, such as ``disk or ring``."""
        return " or ".join(label or "no value" for label in self.labels)


@dataclass(frozen=True)
class Part:
    """A part of a text, in capital or small letters; galaxies without a value are left out.

    Attributes
    ----------
    text : str
        Not empty.
    """

    text: str

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not 1 <= len(self.text) <= LONGEST_TEXT:
            raise FilterError(f"A text to look for has 1 to {LONGEST_TEXT} characters.")

    def to_json(self) -> str:
        """Return what the browser's store keeps."""
        return self.text

    def to_text(self) -> str:
        """Return what the address says: the text."""
        return self.text

    def to_words(self, _unit: str = "") -> str:
        """Return what people read, such as ``with "NGC" in it``."""
        return f'with "{self.text}" in it'


Filter = Range | Choice | Part


@dataclass(frozen=True)
class Filters:
    """What galaxies must be like, column by column, and where on the map; all of it must hold.

    Attributes
    ----------
    by_column : tuple of (str, Filter)
        Each column once, in alphabetical order.
    region : Region, SkyRegion or None
        A selection on the map or the sky; None for everywhere.
    """

    by_column: tuple[tuple[str, Filter], ...] = ()
    region: Region | SkyRegion | None = None

    def __post_init__(self) -> None:
        ordered = tuple(sorted(dict(self.by_column).items(), key=lambda pair: pair[0]))
        if len(ordered) > MOST_FILTERS:
            raise FilterError(
                f"There are {len(ordered)} filters, more than the {MOST_FILTERS} that are "
                "looked at. Remove some."
            )
        if not isinstance(dict(ordered).get(SIMILARITY, Range(0)), Range):
            raise FilterError("Similarity to the query is a number, so give a range.")
        object.__setattr__(self, "by_column", ordered)

    @property
    def similarity(self) -> Range | None:
        """How similar to the query galaxies must be: a range of cosines."""
        wanted = dict(self.by_column).get(SIMILARITY)
        return wanted if isinstance(wanted, Range) else None

    def __len__(self) -> int:
        return len(self.by_column) + (self.region is not None)

    def without(self, name: str) -> Filters:
        """Return the filters but for the one of this column."""
        return replace(self, by_column=tuple(pair for pair in self.by_column if pair[0] != name))

    def by_row(
        self, rows: object, before: Filters, offered: Collection[str]
    ) -> dict[str, Filter | None]:
        """Return the filter of each row of controls, None where one says nothing yet.

        Parameters
        ----------
        rows : list of str
            The columns that a page says it has a row for. It is hostile: what is not ``offered``
            is passed over.
        before : Filters
            Those of the page; a row of one of these that is gone goes, too.
        """
        listed = [name for name in rows if isinstance(name, str)] if isinstance(rows, list) else []
        now, former = dict(self.by_column), dict(before.by_column)
        kept = [n for n in listed if n in now or (n in offered and n not in former)]
        return dict.fromkeys(kept) | now

    def to_address(self) -> list[tuple[str, str]]:
        """Return the fields of an address, such as ``("f.redshift", "0.01..0.05")``."""
        fields = [(ADDRESS_PREFIX + name, wanted.to_text()) for name, wanted in self.by_column]
        if self.region is not None:
            fields.append((REGION_FIELD, self.region.to_text()))
        return fields

    def to_words(self, columns: Mapping[str, Column]) -> str:
        """Return what people read, such as ``kind: disk or ring; redshift: 0.01 to 0.05``."""
        words = [
            f"{name.strip('~')}: {wanted.to_words(columns[name].unit if name in columns else '')}"
            for name, wanted in self.by_column
        ]
        if self.region is not None:
            words.append(f"within the region {self.region.to_text()} of the {self.region.place}")
        return "; ".join(words)

    def to_store(self) -> dict[str, Any]:
        """Return what the browser keeps: small values that JSON can carry."""
        said: dict[str, Any] = {name: wanted.to_json() for name, wanted in self.by_column}
        return said if self.region is None else said | {_REGION_KEY: self.region.to_text()}

    @classmethod
    def from_store(cls, data: object) -> Filters:
        """Read what the browser sent back, or raise a FilterError; columns are not looked up."""
        if not isinstance(data, Mapping) or not all(map(_is_name, data)):
            raise FilterError("The page sent something that is not a filter. Reload the page.")
        by_column = tuple((name, _from_json(value)) for name, value in data.items() if name)
        region = region_of_text(data[_REGION_KEY]) if _REGION_KEY in data else None
        return cls(by_column, region)


def range_or_missing(text: str) -> Range | Choice:
    """Read the filter of a column of numbers as the address has it: nothing is "no value"."""
    return Range.from_text(text) if text else Choice((MISSING,))


def part_or_missing(text: str) -> Part | Choice:
    """Read the filter of a column of texts as the address has it: nothing is "no value"."""
    return Part(text) if text else Choice((MISSING,))


def _from_json(value: object) -> Filter:
    if isinstance(value, str):
        return Part(value)
    if not isinstance(value, list | tuple):
        raise FilterError(f"{quoted(value)} is not a filter. Reload the page.")
    if len(value) == 2 and not any(isinstance(end, str) for end in value):
        return Range(*value)
    return Choice(tuple(value))


def _are_labels(labels: Iterable[object]) -> bool:
    labels = list(labels)
    return len(labels) <= MOST_CHOICES + 1 and all(
        isinstance(label, str) and len(label) <= LONGEST_TEXT for label in labels
    )


def _is_name(name: object) -> bool:
    return isinstance(name, str) and len(name) <= _LONGEST_NAME


def _number(text: str) -> float:
    # float() also reads other scripts' digits and 1_000; no page of ours writes them.
    if len(text) <= 40 and text.isascii() and "_" not in text:
        try:
            return float(text)
        except ValueError:
            pass
    raise FilterError(f"{quoted(text)} is not a number.")


def _plain(number: float) -> str:
    return repr(float(number)).removesuffix(".0")
