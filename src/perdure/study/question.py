"""A case as any process can read it, in place of the case itself, which cannot travel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from perdure.study.case import Case, build_case
from perdure.study.case_text import CaseText, parse_text
from perdure.study.sweeping.fingerprint import check_files, file_digest, files_named


@dataclass(frozen=True)
class Question:
    """The text of a case, the folder it lies in, and each file it names with its digest."""

    text: str
    folder: Path
    files: tuple[tuple[str, str], ...] = ()


def question_of(case: Case) -> Question:
    """What another process needs in place of the case."""
    folder = case.folder.resolve()
    named = files_named(_parsed(case.text, folder).data, folder)
    return Question(case.text, folder, tuple((name, file_digest(folder / name)) for name in named))


@lru_cache(maxsize=4)
def read_question(question: Question) -> Case:
    """The case; InputError where this process sees other files than the one that asks."""
    check_files(question.folder, question.files)
    return build_case(_parsed(question.text, question.folder))


def _parsed(text: str, folder: Path) -> CaseText:
    return parse_text(text, folder / "case.yaml")
