"""What a process of the run makes once, however many databases and apps its tests make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from hotline.config import ROOT
from hotline.guide.language import Language
from hotline.guide.loader import load_guide
from hotline.guide.model import Guide
from hotline.sms.understanding.vocabulary import Vocabulary, build_vocabulary

LANGUAGES = ("ky", "ru", "en")


@cache
def real_guide() -> Guide:
    """The guide in prompts/, as the hotline reads it."""
    return load_guide(ROOT / "prompts", LANGUAGES)


@cache
def real_vocabulary() -> Vocabulary:
    """The words of the real guide, put together."""
    return build_vocabulary(real_guide().languages)


@contextmanager
def statements_compiled_once() -> Iterator[None]:
    """What is compiled for one SQLite database serves all: else each new one compiles every statement anew.

    SQLAlchemy keeps compiled statements by the dialect that they are for, so all have the same.
    """
    first = create_engine("sqlite://")
    first.connect().close()  # what the dialect learns from its database
    compiled: dict[Any, Any] = {}

    def create(url: str, **settings: Any) -> Engine:
        engine = create_engine(url, **settings)
        if engine.dialect.name == "sqlite":
            engine.dialect = first.dialect
            engine.update_execution_options(compiled_cache=compiled)
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("db.create_engine", create)
        yield
    first.dispose()


@contextmanager
def guide_read_once() -> Iterator[None]:
    """Every app that has the real guide has the same, which nothing changes, and its words."""

    def load(prompts: Path, languages: tuple[str, ...]) -> Guide:
        is_real = (prompts, languages) == (ROOT / "prompts", LANGUAGES)
        return real_guide() if is_real else load_guide(prompts, languages)

    def build(languages: Mapping[str, Language]) -> Vocabulary:
        return real_vocabulary() if languages is real_guide().languages else build_vocabulary(languages)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.load_guide", load)
        patch.setattr("app.build_vocabulary", build)
        yield
