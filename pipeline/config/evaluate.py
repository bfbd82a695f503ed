"""The knobs of evaluation: which labels similarity should predict, and how they are read."""

from __future__ import annotations

from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class EvaluateConfig:
    """Labels that similarity should predict although training never saw them.

    Attributes
    ----------
    numbers, classes : tuple of str
        Columns of the catalogue. If both are empty, all that can serve are taken.
    undefined : dict of str to float
        Numbers that are missing where the experts could not tell. They are evaluated twice: with
        these galaxies left out, and with this value in their place.
    merge : dict of str to dict of str to tuple of str
        By column: classes that count as one, under a name of their own.
    leave_out : dict of str to tuple of str
        By column: classes whose galaxies are left out.
    find : dict of str to tuple of str
        By column: rare words of which each galaxy in turn is the query; the rank of the first other
        one is measured. No words: all of the column.
    pretrained : bool
        Compare with a network trained on ImageNet, if its packages are installed.
    k : int
        Neighbours that a label is predicted from; also the length of the lists that are judged.
    """

    numbers: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    undefined: dict[str, float] = Field(default_factory=dict)
    merge: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    leave_out: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    find: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    pretrained: bool = False
    k: int = Field(default=10, gt=0)

    @model_validator(mode="after")
    def _of_labels(self) -> EvaluateConfig:
        for knob, names, labels in (
            ("undefined", self.undefined, self.numbers),
            ("merge", self.merge, self.classes),
            ("leave_out", self.leave_out, self.classes),
        ):
            if strangers := sorted(set(names) - set(labels)):
                kind = "numbers" if knob == "undefined" else "classes"
                raise ValueError(f"{knob} names {', '.join(strangers)}, which {kind} does not")
        return self
