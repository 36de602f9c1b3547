"""Names by which a person is reached: mail addresses, @handles, accounts, IBANs and the like."""

import re
from collections.abc import Iterator
from typing import Final

from resonance.sentiment.personal_data.checks import IBAN_LENGTHS, is_iban
from resonance.sentiment.personal_data.spans import Span, blanked, plain

# ASCII first: in scripts without spaces the sentence goes on where the address ends.
_EMAILS: Final = (
    re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}"),
    re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    # A payment address of India has no domain: "priya.s@okbank".
    re.compile(r"[a-z0-9-]{1,32}[._0-9-][a-z0-9._-]{0,32}(?<=[a-z0-9])@[a-z]{3,20}(?![\w.])"),
)
_SPELLED_EMAIL: Final = re.compile(
    r"[a-z0-9._-]{2,64} ?[(\[]at[)\]] ?[a-z0-9-]{2,63}(?: ?(?:\.|[(\[]dot[)\]]) ?[a-z]{2,10}| com)"
)
# "2 @ 50" and "@50" are prices. A Latin handle ends where another script begins, as in "@momo这个",
# or another handle: "@momo@lena".
_HANDLE: Final = re.compile(r"(?<![\w@])(?:@(?=\w{0,30}[^\W\d])(?:[a-z0-9_.]{2,30}|\w{2,30}))+")

_APPS: Final = (
    *("wechat", "we chat", "weixin", "vx", "wx", "v信", "微信", "威信", "薇信", "加v", "加薇"),
    *("line", "ไลน์", "ไอดี", "ラインid", "ライン", "kakaotalk", "kakao", "카톡", "카카오톡", "라인"),
    *("telegram", "tele", "tg", "тг", "телеграм", "телега", "テレグラム", "텔레", "텔레그램"),
    *(
        "instagram",
        "insta",
        "ig",
        "инста",
        "инстаграм",
        "ไอจี",
        "インスタ",
        "인스타",
        "इंस्टा",
        "انستا",
    ),
    *("snapchat", "snap", "سناب", "fb", "facebook", "вк", "vk", "discord", "skype", "tiktok"),
    *("تلجرام", "تيليجرام", "تليجرام", "يوزر", "يوزري", "qq", "小红书", "抖音", "telegam"),
)
_APP: Final = re.compile("|".join(sorted(map(plain, _APPS), key=len, reverse=True)))
# Behind "id" any name is an account; behind the app's name alone it must not look like a word.
_ID: Final = re.compile(r"(?: ?(?:id|아이디|号|ไอดี)){0,2}\s?[:=]?\s?")
_NAME: Final = re.compile(r"[a-z][a-z0-9_.]{2,29}")
_ODD: Final = re.compile(r"[a-z0-9][._][a-z0-9]|[a-z_][0-9]{2,}|_")

_IBAN: Final = re.compile(r"(?<![a-z0-9])[a-z]{2}[0-9]{2}(?:[ -]?[a-z0-9]){11,30}")
_FISCAL_CODE: Final = re.compile(r"(?<![a-z0-9])[a-z]{6}\d\d[a-z]\d\d[a-z]\d{3}[a-z](?![a-z0-9])")


def find_addresses_of_mail(view: str) -> Iterator[Span]:
    """Yield mail addresses; where there is no @, one may be spelled."""
    if "@" in view:
        for pattern in _EMAILS:
            for mail in pattern.finditer(view):
                span = Span(mail.start(), mail.end(), "email")
                yield span
                view = blanked(view, [span])
    if "at)" in view or "at]" in view:
        for mail in _SPELLED_EMAIL.finditer(view):
            yield Span(mail.start(), mail.end(), "email")


def find_handles(view: str) -> Iterator[Span]:
    """Yield @handles."""
    if "@" in view:
        for handle in _HANDLE.finditer(view):
            yield Span(handle.start(), handle.end(), "handle")


def find_accounts(view: str) -> Iterator[Span]:
    """Yield the account that stands behind an app's name: "line id: tommy22"."""
    done = 0
    for app in _APP.finditer(view):
        before = view[app.start() - 1 : app.start()]
        if before.isalpha() and app.group()[0] < "\u0e00" and before < "\u0e00":
            continue  # The end of another word: "online", "big".
        link = _ID.match(view, app.end())
        name = _NAME.match(view, link.end()) if link else None
        if not link or not name or not link.group() or name.start() < done:
            continue  # "snapchat" is no account of "snap".
        says_id = "id" in link.group() or "아이디" in link.group()
        if says_id or _ODD.search(name.group()):
            done = name.start() + len(name.group().rstrip("."))
            yield Span(name.start(), done, "handle")


def find_bank_accounts(view: str) -> Iterator[Span]:
    """Yield IBANs whose check digits are right, and Italian fiscal codes."""
    for found in _IBAN.finditer(view):
        length = IBAN_LENGTHS.get(found.group()[:2], 0)
        compact = "".join(filter(str.isalnum, found.group()))[:length]
        if length and is_iban(compact):
            end, kept = found.start(), 0
            while kept < length:
                kept += view[end].isalnum()
                end += 1
            span = Span(found.start(), end, "iban")
            yield span
            view = blanked(view, [span])
    for code in _FISCAL_CODE.finditer(view):
        yield Span(code.start(), code.end(), "number")
