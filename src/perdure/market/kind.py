"""What a file in `tariffs/` tells about itself: its name, titles, summary, sources, model and an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perdure.market.tariff import Tariff
from perdure.quantities import Language


@dataclass(frozen=True)
class TariffKind:
    """One kind of tariff: `fields` is its pydantic model; `example` is a mapping that works.

    `example` may be None where the kind needs a file.
    """

    name: str
    title_en: str
    title_zh: str
    summary: str
    sources: tuple[str, ...]
    fields: type[Any]
    example: Mapping[str, object] | None = None

    def title(self, language: Language = "en") -> str:
        """The title in a language."""
        return self.title_zh if language == "zh" else self.title_en

    def read(self, data: Mapping[str, object], folder: Path) -> Tariff:
        """Build the tariff; relative files resolve against `folder`."""
        return self.fields.model_validate(dict(data), context={"folder": folder})  # type: ignore[no-any-return]
