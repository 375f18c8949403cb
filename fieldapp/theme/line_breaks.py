"""Where a line of Chinese may end.

Kivy ends lines at spaces and, in a word too long, anywhere. Chinese is written without spaces; a line may end
between any two characters, but must not begin with closing punctuation nor end with opening punctuation (避头尾:
CLREQ, W3C Requirements for Chinese Text Layout, 3.1.3). A number stays whole, with its sign and its unit.
"""

import re
from collections.abc import Callable, Iterator

CLOSING = "，。、；：？！）》」』】”’…％·~—,.;:?!)]}%"
REMNANT = 0.15
SHORTER = (0.92, 0.84)
OPENING = "（《「『【“‘([{"

# Latin words and figures, a figure with the unit after its (thin) space, or a single other character.
_CLUSTER = re.compile(
    r"[+\-−±]?[0-9][0-9.,:/\-]*(?:[ \u2009\u202f\u00a0](?=\S)"
    r"(?:[\u4e00-\u9fff]{2}(?![\u4e00-\u9fff])|[A-Za-z%‰°\u4e00-\u9fff]))?[A-Za-z%]*"
    r"|[A-Za-z0-9_\-+./@#&'\u2009\u202f\u00a0]+|\s+|.",
    re.DOTALL,
)


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> str:
    """Return the text with a line feed wherever a line of ``width`` ends; existing line feeds stay.

    ``measure`` returns the width of a piece of text. A piece that is wider than a line is left to itself.
    """
    return "\n".join(_broken(paragraph, width, measure) for paragraph in text.split("\n"))


def _broken(paragraph: str, width: float, measure: Callable[[str], float]) -> str:
    """Fill the lines; when the last is a mere remnant, shorter lines are tried that are no more."""
    lines = _filled(paragraph, width, measure)
    for share in SHORTER:
        if len(lines) == 1 or measure(lines[-1]) >= REMNANT * width:
            break
        shorter = _filled(paragraph, share * width, measure)
        lines = shorter if len(shorter) == len(lines) else lines
    return "\n".join(lines)


def _filled(paragraph: str, width: float, measure: Callable[[str], float]) -> list[str]:
    lines, line, used = [], "", 0.0
    for piece in pieces(paragraph):
        wide = measure(piece.rstrip())
        if line and used + wide > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
            piece = piece.lstrip()
        line += piece
        used += measure(piece)
    return [*lines, line]


def pieces(paragraph: str) -> Iterator[str]:
    """Yield the shortest pieces between which a line may end, spaces at the end of the piece before them.

    >>> list(pieces("多 25 克（约）。"))
    ['多 ', '25 克', '（约）。']
    """
    waiting = ""
    for cluster in _CLUSTER.findall(paragraph):
        joins = cluster.isspace() or cluster[0] in CLOSING or (waiting and waiting[-1] in OPENING)
        if waiting and not joins:
            yield waiting
            waiting = ""
        waiting += cluster
    if waiting:
        yield waiting


def phrase_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str] | None:
    """Return a short text on one line, or on two that end where a phrase ends; None: it does not fit so.

    A phrase ends after closing and before opening punctuation; where there is neither, the lines are of like length.

    >>> phrase_lines("标识为真，请核对实物", 8, len)
    ['标识为真，', '请核对实物']
    """
    if measure(text) <= width:
        return [text]
    parts = list(pieces(text))
    pairs = [("".join(parts[:place]).rstrip(), "".join(parts[place:])) for place in range(1, len(parts))]
    pairs = [pair for pair in pairs if pair[0][-1] in CLOSING or pair[1][0] in OPENING] or pairs
    best = min(pairs, key=lambda pair: max(map(measure, pair)), default=None)
    return list(best) if best and max(map(measure, best)) <= width else None
