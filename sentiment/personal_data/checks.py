"""Check digits: what passes them is what it looks like."""

from typing import Final

# Of ISO 13616: the length by country, for those whose people shop in our markets.
IBAN_LENGTHS: Final = {
    "ad": 24,
    "ae": 23,
    "at": 20,
    "az": 28,
    "ba": 20,
    "be": 16,
    "bg": 22,
    "bh": 22,
    "br": 29,
    "by": 28,
    "ch": 21,
    "cr": 22,
    "cy": 28,
    "cz": 24,
    "de": 22,
    "dk": 18,
    "do": 28,
    "ee": 20,
    "eg": 29,
    "es": 24,
    "fi": 18,
    "fr": 27,
    "gb": 22,
    "ge": 22,
    "gi": 23,
    "gr": 27,
    "gt": 28,
    "hr": 21,
    "hu": 28,
    "ie": 22,
    "il": 23,
    "iq": 23,
    "is": 26,
    "it": 27,
    "jo": 30,
    "kw": 30,
    "kz": 20,
    "lb": 28,
    "li": 21,
    "lt": 20,
    "lu": 20,
    "lv": 21,
    "ly": 25,
    "mc": 27,
    "md": 24,
    "me": 22,
    "mk": 19,
    "mt": 31,
    "mu": 30,
    "nl": 18,
    "no": 15,
    "om": 23,
    "pk": 24,
    "pl": 28,
    "ps": 29,
    "pt": 25,
    "qa": 29,
    "ro": 24,
    "rs": 22,
    "ru": 33,
    "sa": 24,
    "se": 24,
    "si": 19,
    "sk": 24,
    "sm": 27,
    "tn": 24,
    "tr": 26,
    "ua": 29,
    "va": 22,
    "xk": 20,
}


def is_card(digits: str) -> bool:
    """Tell whether the check digit is right by Luhn's formula (ISO/IEC 7812-1, annex B)."""
    if not 13 <= len(digits) <= 19:  # noqa: PLR2004 - of ISO/IEC 7812.
        return False
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def is_iban(compact: str) -> bool:
    """Tell whether letters and digits without spaces, in lower case, make an IBAN (ISO 13616)."""
    if len(compact) != IBAN_LENGTHS.get(compact[:2]):
        return False
    return int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1
