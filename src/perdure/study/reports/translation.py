"""Chinese for what the lower floors say in English: remarks, notes, sources, names of figures, units, by pattern.

`phrases.json` holds parts ("texts", "figures", "units", ...), each a table from an English pattern to its Chinese. A
`{blank}` of the pattern takes any text; in the Chinese, `{blank}` repeats it as it stands and `{blank:part}` in Chinese
where that part of the catalogue knows it. What no pattern fits is shown as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from perdure.quantities import Confidence, Language
from perdure.study.reports.words import GAP, table

BLANK = re.compile(r"{(\w+)}")
BEFORE_UNIT = re.compile(r"(?<=\d) (?=[%°\u03a9A-Za-z])")
NO_WORDS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Phrase:
    """One English pattern and its Chinese."""

    english: str
    chinese: str
    matches: re.Pattern[str]

    @property
    def literal_length(self) -> int:
        """Length of the pattern without its blanks: the longer, the more surely it is meant."""
        return len(BLANK.sub("", self.english))


@cache
def phrases() -> dict[str, dict[str, str]]:
    """The catalogue as written: part -> English pattern -> Chinese."""
    text = (files(__package__) / "phrases.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = json.loads(text)
    return loaded


@cache
def known(part: str) -> dict[str, str]:
    """English without blanks -> Chinese; names of figures, charges and confidences come from where they are kept."""
    own = {english: chinese for english, chinese in phrases()[part].items() if not BLANK.search(english)}
    prefix = {"figures": "figure_name.", "words": "charge."}.get(part)
    if prefix is not None:
        kept = {key.removeprefix(prefix): told["zh"] for key, told in table().items() if key.startswith(prefix)}
        own |= {english: chinese for english, chinese in kept.items() if not BLANK.search(chinese)}
    return own | ({one.value: one.label("zh") for one in Confidence} if part == "words" else {})


@cache
def patterns(part: str) -> tuple[Phrase, ...]:
    """Patterns with blanks, that with most literal text first."""
    made = [Phrase(english, chinese, compiled(english)) for english, chinese in phrases()[part].items()]
    return tuple(sorted((one for one in made if BLANK.search(one.english)), key=lambda one: -one.literal_length))


def compiled(english: str) -> re.Pattern[str]:
    """A pattern whose blanks take the shortest text that fits; a blank that comes again repeats itself."""
    seen: set[str] = set()
    parts = []
    for position, piece in enumerate(BLANK.split(english)):
        if position % 2 == 0:
            parts.append(re.escape(piece))
        else:
            parts.append(f"(?P={piece})" if piece in seen else f"(?P<{piece}>.+?)")
            seen.add(piece)
    return re.compile("".join(parts), re.DOTALL)


class _Caught(str):
    """What a blank took; `{blank:part}` gives it in Chinese."""

    words: Mapping[str, str] = NO_WORDS

    def __format__(self, part: str) -> str:
        if not part:
            return str(self)
        return in_chinese(str(self), part, self.words) or str(self)


def in_chinese(text: str, part: str, words: Mapping[str, str] = NO_WORDS) -> str | None:
    """The Chinese of `text` from one part of the catalogue, None where it has none; `words` knows more of 'words'."""
    if part == "words" and text in words:
        return words[text]
    if text in known(part):
        return known(part)[text]
    for phrase in patterns(part):
        if found := phrase.matches.fullmatch(text):
            caught = {name: _caught(value, words) for name, value in found.groupdict().items()}
            return phrase.chinese.format(**caught)
    return None


def _caught(value: str, words: Mapping[str, str]) -> _Caught:
    caught = _Caught(value)
    caught.words = words
    return caught


def translated(text: str, language: Language, part: str = "texts", words: Mapping[str, str] = NO_WORDS) -> str:
    """`text` in `language`; as it is where the catalogue does not know it, and always in English."""
    told = None if language == "en" else in_chinese(text, part, words)
    return text if told is None else BEFORE_UNIT.sub(GAP, told)
