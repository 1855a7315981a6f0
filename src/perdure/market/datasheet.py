"""The datasheet of a kind of tariff: what it is, its fields, its figures with sources, its periods and remarks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic_core import PydanticUndefined

from perdure.market.kind import TariffKind
from perdure.market.reading import TARIFFS, read_tariff
from perdure.market.tariff import Tariff
from perdure.quantities import Language, Sourced


@dataclass(frozen=True)
class FieldRow:
    """One key a person may write."""

    name: str
    default: str  # 'required' where it has none
    meaning: str


@dataclass(frozen=True)
class Datasheet:
    """All there is to know of a tariff, as rows."""

    name: str
    title: str
    summary: str
    sources: tuple[str, ...]
    fields: tuple[FieldRow, ...]
    figures: dict[str, Sourced]
    periods: tuple[str, ...]
    remarks: tuple[str, ...]
    example: bool  # figures, periods and remarks are those of the kind's example, not of a case

    def text(self, language: Language = "en") -> str:
        """The datasheet as plain text."""
        words = _WORDS[language]
        lines = [f"{self.name}: {self.title}", self.summary, "", words["fields"]]
        lines += [f"  {row.name} ({row.default}): {row.meaning}".rstrip(": ") for row in self.fields]
        if self.figures:
            lines += ["", words["example" if self.example else "figures"]]
            lines += [
                f"  {name}: {figure.text} [{figure.confidence.label(language)}; {figure.source}"
                + (f"; {figure.note}]" if figure.note else "]")
                for name, figure in self.figures.items()
            ]
        for heading, told in (("periods", self.periods), ("remarks", self.remarks), ("sources", self.sources)):
            if told:
                lines += ["", words[heading], *(f"  {line}" for line in told)]
        return "\n".join(lines)


_WORDS = {
    "en": {"fields": "Fields", "figures": "Figures", "example": "Figures (of the kind's example)", "periods": "Periods",
           "remarks": "Remarks", "sources": "Sources"},
    "zh": {"fields": "字段", "figures": "数据", "example": "数据(示例)", "periods": "时段", "remarks": "说明",
           "sources": "来源"},
}  # fmt: skip


def datasheet(name: str, tariff: Tariff | None = None, language: Language = "en") -> Datasheet:
    """The datasheet of the kind `name`, with the figures of `tariff`, or else of the kind's example.

    Raises InputError with the nearest match where there is no such kind.
    """
    kind = TARIFFS.find(name)
    shown = tariff
    if shown is None and kind.example is not None:
        shown = read_tariff(kind.example, Path())
    return Datasheet(
        name=kind.name,
        title=kind.title(language),
        summary=kind.summary,
        sources=kind.sources,
        fields=_field_rows(kind),
        figures={} if shown is None else shown.figures(),
        periods=() if shown is None else shown.periods(),
        remarks=() if shown is None else shown.remarks,
        example=tariff is None,
    )


def _field_rows(kind: TariffKind) -> tuple[FieldRow, ...]:
    rows = []
    for name, field in kind.fields.model_fields.items():
        if name not in ("kind", "title"):
            default = "required" if field.default is PydanticUndefined else f"default {_plain(field.default)}"
            rows.append(FieldRow(name, default, field.description or ""))
    return tuple(rows)


def _plain(value: object) -> str:
    return "none" if value is None or value in ((), {}, "") else str(value)
