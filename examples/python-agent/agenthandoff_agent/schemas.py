"""The published JSON Schemas (docs/protocol/schemas), as checks."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from jsonschema import Draft202012Validator, ValidationError, validators

Name = Literal["envelope", "handoff", "entry", "segment"]

FOLDER_VARIABLE = "AGENTHANDOFF_SCHEMAS"


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    # In Python `$` matches before a last line feed too, and `\d` every digit of Unicode; the protocol means neither.
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance, re.ASCII):
        yield ValidationError(f"it does not match {pattern}")


def _folder() -> Path:
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else Path(__file__).resolve().parents[3] / "docs" / "protocol" / "schemas"


@cache
def _validator(name: Name) -> Any:
    path = _folder() / f"{name}.schema.json"
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        advice = f"set {FOLDER_VARIABLE} to the folder docs/protocol/schemas"
        raise ValueError(f"{path} cannot be read ({error.strerror}); {advice}") from error
    extend: Any = validators.extend
    return extend(Draft202012Validator, {"pattern": _pattern})(schema)


def load() -> None:
    """Reads all of them. Raises ValueError, which says what to do, where they are not there."""
    for name in get_args(Name):
        _validator(name)


def problem(name: Name, value: object) -> str | None:
    """What a value is not, by the schema of that name, or None. Never quotes the value."""
    error = next(iter(_validator(name).iter_errors(value)), None)
    if error is None:
        return None
    place = ".".join(str(part) for part in error.absolute_path)
    return f"{place or 'the object'}: fails {error.validator}"
