"""Answers in another language than English: what they say in sentences, in their `about`."""

from typing import Any

from app import json_bytes
from app.statistics.in_words.said import said_in


def in_language(body: bytes, language: str, asked: str, layout: str) -> bytes:
    """Return the JSON of an answer with its sentences in a language.

    `asked` says in it what is asked. Answers of the course's nine have no sentences.
    """
    content: Any = json_bytes.decode(body)
    about = content.get("about")
    if not isinstance(about, dict):
        return body
    own = {"asked": asked}
    if f"answer_{language}" in about:
        own["answer"] = about[f"answer_{language}"]
    warnings = [said_in(language, text, layout) for text in about.get("warnings", ())]
    return json_bytes.encode({**content, "about": {**about, **own, "warnings": warnings}})
