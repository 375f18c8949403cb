"""How a typed number grows by one key; the number stays text, so no digit is ever rounded.

>>> text = ""
>>> for key in "010..05":
...     text = press(text, key)
>>> text
'10.05'
"""

POINT = "."
MINUS = "-"
ERASE = "erase"
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", POINT, "0", ERASE)
LONGEST = 10


def press(text: str, key: str) -> str:
    """Return the text after one key; a key that would make no number changes nothing.

    ``-`` turns the sign over. Raises ValueError for a key that the pad does not have.
    """
    if key not in KEYS and key != MINUS:
        raise ValueError(f"the number pad has no key {key!r}")
    sign, digits = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
    if key == MINUS:
        return digits if sign else MINUS + digits
    if key == ERASE:
        return sign + digits[:-1] if digits else ""
    return sign + _longer(digits, key)


def _longer(digits: str, key: str) -> str:
    if len(digits) >= LONGEST or (key == POINT and POINT in digits):
        return digits
    if key == POINT:
        return (digits or "0") + POINT
    return key if digits == "0" else digits + key
