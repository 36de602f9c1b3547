"""Mask personal data before a text is stored: mail, phone, card, handle."""

import re
from typing import Final

_MASKS: Final = (
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"), "<email>"),
    (re.compile(r"(?<!\w)@[\w.]{2,30}"), "<handle>"),
    (re.compile(r"(?<![\w.,])(?:\d[ -]?){15,18}\d(?!\w)"), "<card>"),
    (re.compile(r"(?<![\w.,])\+?\d(?:[\d ()-]{7,16})\d(?!\w)"), "<phone>"),
)


def mask_personal_data(text: str) -> str:
    """Return `text` with what identifies a person replaced by its kind.

    >>> mask_personal_data("call me 081-234-5678 or a@b.co")
    'call me <phone> or <email>'
    """
    for pattern, name in _MASKS:
        text = pattern.sub(name, text)
    return text
