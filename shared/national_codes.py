"""The national identity codes that scales of the new type bear: of the maker, of a repairer, of the verification body.

Sources: JJF 2184-2025 (生产码, 维修码, 检定码), as two newspapers report it; see ``from.new_type`` in
``rules/cn/checklists.toml``. The form of the codes was not read, so none is checked: a code is the text that stands on
the instrument or in its QR code or chip, sometimes a link. It is the state's and the maker's; a label of ours stands
beside it and replaces none.

>>> clean(" 2604 0116\\u3000AB\\n"), is_sound("26040116AB"), is_sound(""), is_sound("26\\u200b04")
('26040116AB', True, False, False)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

CODES = ("production_code", "repair_code", "verification_code")
LONGEST = 300


def clean(text: str) -> str:
    """Return a code as it is kept: without the white space that parts its figures for the eye."""
    return "".join(text.split())


def is_sound(code: str) -> bool:
    """Say whether a cleaned text can be a code: something, not too long, nothing in it that nobody sees."""
    return 0 < len(code) <= LONGEST and code.isprintable()


def key(text: str) -> str:
    """Return a code as codes are looked up: whatever its width, capitals and spaces.

    >>> key("ｈttps://Example.cn/ 2604"), key("2604-ab")
    ('HTTPS://EXAMPLE.CN/2604', '2604-AB')
    """
    upper = unicodedata.normalize("NFKC", clean(text)).upper()
    return clean(unicodedata.normalize("NFKC", upper))


def borne(by: Mapping[str, object]) -> dict[str, str]:
    """Return the codes that an instrument bears, of a row or body that may lack any of them.

    >>> borne({"serial": "A-1", "production_code": "26040116", "repair_code": None})
    {'production_code': '26040116'}
    """
    return {name: code for name in CODES if isinstance(code := by.get(name), str) and code}
