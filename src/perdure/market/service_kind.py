"""What a file in `services/` tells about itself: its name, titles, summary, sources, model and an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perdure.market.service import Service
from perdure.quantities import Language


@dataclass(frozen=True)
class ServiceKind:
    """One kind of service: `fields` is its pydantic model; `example` is a mapping that works without a file."""

    name: str
    title_en: str
    title_zh: str
    summary_en: str
    summary_zh: str
    sources: tuple[str, ...]
    fields: type[Any]
    example: Mapping[str, object]

    def title(self, language: Language = "en") -> str:
        """The title in a language."""
        return self.title_zh if language == "zh" else self.title_en

    def summary(self, language: Language = "en") -> str:
        """The summary in a language."""
        return self.summary_zh if language == "zh" else self.summary_en

    def read(self, data: Mapping[str, object], folder: Path) -> Service:
        """Build the service; relative files resolve against `folder`."""
        return self.fields.model_validate(dict(data), context={"folder": folder})  # type: ignore[no-any-return]
