"""Bad inputs, always the same ones: 788 of them in 24 classes.

An input is a text for a field of an address, a form or a JSON body, or the JSON itself, or a whole request. What it is
bad for depends on the field: a spreadsheet formula is a fine remark and no date. Nothing here is drawn by chance.
"""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product

SOME_ID = "019aa111-0000-7000-8000-000000000001"
COUNTS = {
    "controls": 35,
    "encodings": 25,
    "unicode": 40,
    "lengths": 30,
    "numbers": 45,
    "amounts": 40,
    "days": 40,
    "ids": 40,
    "json": 45,
    "http": 40,
    "sql": 30,
    "markup": 40,
    "cells": 40,
    "paths": 30,
    "images": 60,
    "strokes": 12,
    "positions": 25,
    "labels": 35,
    "tokens": 25,
    "sync": 40,
    "addresses": 25,
    "logs": 12,
    "twice": 20,
    "locale": 14,
}


@dataclass(frozen=True)
class Bad:
    """One bad input. ``token`` "": the text as JSON; ``body`` None: it goes into one field of a sound request.

    ``copies`` is how often the request is sent, at once.
    """

    kind: str
    text: str = ""
    token: str = ""
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = field(default=())
    method: str = ""
    copies: int = 1

    @property
    def json(self) -> str:
        return self.token or json.dumps(self.text)


def corpus() -> list[Bad]:
    """Return every bad input, class by class."""
    found = [bad for kind in COUNTS for bad in of(kind)]
    assert len(set(found)) == len(found) == sum(COUNTS.values())
    return found


def of(kind: str) -> list[Bad]:
    """Return the bad inputs of one class; raises AssertionError where they are not as many as the table says."""
    made = list(MAKERS[kind]())
    assert len(made) == COUNTS[kind], (kind, len(made))
    return made


def _texts(kind: str, *texts: str) -> Iterator[Bad]:
    return (Bad(kind, text) for text in texts)


def _tokens(kind: str, *tokens: str) -> Iterator[Bad]:
    """JSON as it is written; where text is wanted, that very text."""
    return (Bad(kind, token, token) for token in tokens)


def _bodies(kind: str, *bodies: bytes, **headers: str) -> Iterator[Bad]:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return (Bad(kind, body=body, headers=named) for body in bodies)


def controls() -> Iterator[Bad]:
    yield from _texts("controls", *(f"a{chr(code)}b" for code in range(32)))
    yield from _texts("controls", "a\x7fb", "a\x85b", "a\u2028\u2029b")


def encodings() -> Iterator[Bad]:
    lone = ("\ud800", "\udfff", "a\ud83d", "\udc00\ud800", "\ud83dx\ude00")
    yield from (Bad("encodings", text, json.dumps(text)) for text in lone)
    broken = (
        b"\xff",
        b"\xfe\xff",
        b"\xc0\x80",
        b"\xe0\x80\x80",
        b"\xf0\x80\x80\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    )
    broken += (b"\x80", b"\xc3", b"\xe2\x82", "秤".encode("gbk"), "秤".encode("big5"), b"\xf8\x88\x80\x80\x80")
    yield from _bodies(
        "encodings", *(b'{"name": "' + piece + b'"}' for piece in broken), Content_Type="application/json"
    )
    whole = (
        '{"name": "秤"}'.encode(name) for name in ("utf-16", "utf-32", "utf-32-be", "utf-8-sig", "utf-7", "utf-16-be")
    )
    yield from _bodies("encodings", *whole, Content_Type="application/json")
    yield from _bodies("encodings", b"name=%FF%FE&note=%C0%80", Content_Type="application/x-www-form-urlencoded")


def unicode() -> Iterator[Bad]:
    yield from _texts("unicode", *(f"a{mark}b" for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
    yield from _texts(
        "unicode", *(f"a{mark}b" for mark in "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u034f\u180e")
    )
    yield from _texts("unicode", "аdmin", "Рolice", "ⅰnspector", "cafe\u0301", "café", "Å", "\u212b", "ﬁne", "ſ", "İ")
    yield from _texts(
        "unicode", "１２３", "٣", "𠀀𪛖", "𱍐", "👨‍👩‍👧", "🇨🇳", "e" + "\u0301" * 200, "\U0010ffff", "\ue000", "﷽"
    )
    yield from _texts("unicode", "\ufdd0")


def lengths() -> Iterator[Bad]:
    sizes = (0, 1, 2, 60, 61, 120, 121, 200, 201, 500, 501, 2_000, 2_001, 4_096, 65_536, 1 << 20)
    yield from _texts("lengths", *("x" * size for size in sizes))
    yield from _texts("lengths", *("秤" * size for size in (61, 201, 2_001, 65_536)))
    yield from _texts(
        "lengths", " ", "\t", "\u3000", "\u00a0", " " * 1_000, "\n" * 1_000, " x", "x ", "x" * 60 + " ", "\r\n"
    )


def numbers() -> Iterator[Bad]:
    yield from _tokens(
        "numbers", "-0", "-0.0", "NaN", "Infinity", "-Infinity", "1e309", "-1e309", "1e-400", "2147483647"
    )
    yield from _tokens("numbers", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "-1", "01")
    yield from _tokens(
        "numbers", "18446744073709551616", "0.30000000000000004", "1.0", "1e0", "1E5", "true", "false", "0x10"
    )
    yield from _tokens(
        "numbers", "9" * 400, "0." + "0" * 400 + "1", "1_000", "+1", ".5", "5.", "--1", "1e99999999", "0b1"
    )
    yield from _texts("numbers", "1,5", "007", " 1", "1 ", "１", "٣", "Ⅷ", "½", "1e3", "二", "1 000", "1'000", "∞")


def amounts() -> Iterator[Bad]:
    values = ("0", "-1", "-0.001", "0.0005", "999999999999999")
    yield from (
        Bad("amounts", f"{value}{unit}", json.dumps({"value": value, "unit": unit}))
        for value, unit in product(values, ("kg", "g", "斤", "两", "mg", "lb"))
    )
    odd = (
        ("1", ""),
        ("", "kg"),
        ("1kg", "kg"),
        ("1", "KG"),
        ("1.5.2", "kg"),
        ("1", "kg kg"),
        ("½", "kg"),
        ("1e2", "g"),
    )
    yield from (Bad("amounts", f"{value}{unit}", json.dumps({"value": value, "unit": unit})) for value, unit in odd)
    yield from (Bad("amounts", "1 kg", token) for token in ('{"value": 1, "unit": "kg"}', '{"value": "1"}'))


def days() -> Iterator[Bad]:
    yield from _texts(
        "days", "2026-02-29", "2026-02-30", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32", "0000-01-01"
    )
    yield from _texts(
        "days", "10000-01-01", "-001-01-01", "+2026-01-01", "2026-1-1", "26-01-01", "20260101", "2026-W01-1"
    )
    yield from _texts("days", "2026/01/01", "01.02.2026", "2026-001", "1900-02-29", "2100-02-29", "9999-12-32", "today")
    yield from _texts(
        "days", "２０２６-01-01", "2026年1月1日", "2026-01-01T00:00:00", "2026-01-01T24:00:00Z", "2026-06-30T23:59:60Z"
    )
    yield from _texts(
        "days", "2026-01-01T00:00:00+08:00", "2026-01-01T00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00.5Z"
    )
    yield from _texts(
        "days", "1969-12-31T23:59:59Z", "2026-03-29T02:30:00Z ", "2026-01-01t00:00:00z", "1767225600", "0", "-1"
    )
    yield from _texts("days", "2026-01-01T00:00:00+25:00", "2026-01-01T00:61:00Z", "2026-02-29T00:00:00Z", "''")


def ids() -> Iterator[Bad]:
    plain = SOME_ID.replace("-", "")
    yield from _texts(
        "ids", SOME_ID.upper(), f"{{{SOME_ID}}}", plain, f"urn:uuid:{SOME_ID}", f"{SOME_ID} ", f" {SOME_ID}"
    )
    yield from _texts(
        "ids", f"{SOME_ID}\n", SOME_ID[:-1], f"{SOME_ID}0", SOME_ID[:19] + "0" + SOME_ID[20:], "0" * 36, "null"
    )
    yield from _texts("ids", *(SOME_ID.replace("-7000-", f"-{version}000-") for version in "1234568f"))
    yield from _texts(
        "ids", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "undefined", "me"
    )
    yield from _texts(
        "ids", f"../{SOME_ID}", f"{SOME_ID}/..", f"{SOME_ID}/x", f"{SOME_ID}%00", f"{SOME_ID};x", f"{SOME_ID}?x=1"
    )
    yield from _texts(
        "ids", f"{SOME_ID}#", f"{SOME_ID}.json", f"{SOME_ID},{SOME_ID}", f"{SOME_ID}|x", "*", "0", "-1", "1 OR 1=1"
    )
    yield from _texts("ids", SOME_ID.replace("0", "O"), SOME_ID.replace("-", "–"))


def json_shapes() -> Iterator[Bad]:
    yield from _tokens(
        "json", "null", "[]", "{}", "[null]", "[[]]", '[""]', '{"": ""}', '{"$ne": null}', "[1, 2]", '""', "0"
    )
    yield from _tokens(
        "json", "[" * 500 + "]" * 500, '{"a":' * 500 + "1" + "}" * 500, '"\\u0000"', '"\\ud800"', '"a\\u2028"'
    )
    deep = (b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b"[" * 10_000)
    many = (
        b"[" + b"0," * 100_000 + b"0]",
        b'{"ops": [' + b"{}," * 20_000 + b"{}]}",
        b"{" + b'"a":1,' * 1_000 + b'"b":1}',
    )
    broken = (
        b"",
        b" ",
        b"{",
        b"}",
        b"[",
        b"{]",
        b'{"a":1,}',
        b"[1,]",
        b"{'a':1}",
        b"{a:1}",
        b'{"a" 1}',
        b'{"a":1}{}',
        b"nul",
    )
    broken += (
        b'"x"',
        b"1",
        b"true",
        b"// x\n{}",
        b'{"a":1 /* x */}',
        b'{"a":"\n"}',
        b'{"a":"\\x41"}',
        b"\x00",
        b"undefined",
    )
    yield from _bodies("json", *deep, *many, *broken, Content_Type="application/json")
    yield from _bodies("json", b'{"a":1,"a":2}', Content_Type="application/json")


def http() -> Iterator[Bad]:
    kinds = (
        "text/plain",
        "application/xml",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "application/json; charset=gbk",
    )
    kinds += (
        "application/x-www-form-urlencoded; charset=utf-16",
        "",
        "x",
        "application/json, text/html",
        "image/svg+xml",
    )
    yield from (Bad("http", body=b'{"a": 1}', headers=(("Content-Type", kind),)) for kind in kinds)
    bomb = gzip.compress(b"0" * (4 << 20), mtime=0)
    encoded = (
        ("gzip", bomb),
        ("gzip", b"no gzip"),
        ("gzip", bomb[:50]),
        ("gzip", bomb + b"x"),
        ("deflate", zlib.compress(b"{}")),
    )
    encoded += (
        ("br", b"x"),
        ("gzip, gzip", gzip.compress(bomb, mtime=0)),
        ("identity, gzip", b"{}"),
        ("x", b"{}"),
        ("GZIP", b"{}"),
    )
    for encoding, body in encoded:
        yield Bad("http", body=body, headers=(("Content-Type", "application/json"), ("Content-Encoding", encoding)))
    spoofed = (("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "ftp"))
    spoofed += (("X-Original-URL", "/console/"), ("X-HTTP-Method-Override", "DELETE"), ("Host", "evil.example:0"))
    spoofed += (
        ("Content-Length", "-1"),
        ("Content-Length", "x"),
        ("Content-Length", "99999999999"),
        ("Range", "bytes=9-1"),
    )
    spoofed += (
        ("If-None-Match", "*"),
        ("If-Modified-Since", "yesterday"),
        ("Accept", "*/*;q=x"),
        ("Accept-Language", "," * 5_000),
    )
    spoofed += (("Cookie", "dingpan=" + "x" * 4_000), ("Authorization", "Bearer"), ("Authorization", "Basic Og=="))
    yield from (Bad("http", body=b"{}", headers=(("Content-Type", "application/json"), one)) for one in spoofed)
    yield from (Bad("http", body=b"", method=method) for method in ("TRACE", "PROPFIND", "BREW"))


def sql() -> Iterator[Bad]:
    yield from _texts("sql", "'", "''", '"', "`", ";", "--", "/*", "*/", "\\", "%", "_", "%%", "\\%", "[a-z]", "[")
    yield from _texts(
        "sql", "' OR '1'='1", "1; DROP TABLE visit", "' UNION SELECT 1--", "') OR 1=1--", "x' AND 1=1--", "1e0--"
    )
    yield from _texts(
        "sql", "$1", ":name", "%(name)s", "?", "(a+)+$", ".*", "^", "a{1,99999}", "$$; SELECT pg_sleep(9); $$"
    )


def markup() -> Iterator[Bad]:
    yield from _texts(
        "markup", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "</textarea>"
    )
    yield from _texts(
        "markup",
        '"><b>',
        "'><b>",
        '" onmouseover="x',
        "' autofocus onfocus='x",
        "`onload=x",
        "<!--",
        "-->",
        "<![CDATA[",
    )
    yield from _texts(
        "markup", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:x", "data:text/html,<b>", "vbscript:x"
    )
    yield from _texts(
        "markup",
        "{{7*7}}",
        "{{config}}",
        "{% raw %}",
        "{#",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{{''.__class__}}",
        "%s%s%n",
    )
    yield from _texts(
        "markup",
        "{0.__class__}",
        "&lt;b&gt;",
        "&#60;b&#62;",
        "\\u003cb\\u003e",
        "<style>*{}</style>",
        "url(x)",
        "expression(1)",
    )
    yield from _texts(
        "markup",
        "<iframe src=//evil.example>",
        "<base href=//evil.example>",
        "<meta http-equiv=refresh>",
        "</script>",
        "<a\x0bb>",
    )
    yield from _texts("markup", "]]>", "<?xml version='1.0'?>")


def cells() -> Iterator[Bad]:
    signs = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
    yield from _texts("cells", *(f"{sign}1+1" for sign in signs), *(f"{sign}cmd|'/C calc'!A0" for sign in signs))
    yield from _texts(
        "cells", *(f"{space}=1+1" for space in ("\t", "\r", "\n", " ", "\u3000", "\u00a0", "\u200b", "'"))
    )
    yield from _texts(
        "cells", '=HYPERLINK("http://evil.example")', '=WEBSERVICE("http://x")', "=IMPORTXML(1)", "=DDE(1)", "@SUM(1)"
    )
    yield from _texts("cells", "a;=1", "a,=1", 'a"=1', "a\t=1", "a\n=1", "-3", "-3.5", "+4", "﹦1", "−1", "=" * 100)


def paths() -> Iterator[Bad]:
    yield from _texts(
        "paths", ".", "..", "../", "../../etc/passwd", "..\\..\\x", "%2e%2e%2f", "%252e%252e", "....//", "/etc/passwd"
    )
    yield from _texts(
        "paths", "C:\\x", "\\\\host\\x", "//host/x", "file:///etc/passwd", "~", "~root", "CON", "NUL.txt", "COM1", "aux"
    )
    yield from _texts(
        "paths",
        "a/../b",
        "./a",
        "a//b",
        "a/",
        ".htaccess",
        "a\u202egpj.exe",
        "a.jpg\n",
        "x" * 300,
        "a.jpg;.exe",
        "$HOME",
        "a|b",
    )


def images() -> Iterator[Bad]:
    jpeg, png, gif, webp = b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x00\x00\x00\x00WEBP"
    starts = (
        jpeg,
        png,
        gif,
        webp,
        b"BM",
        b"II*\x00",
        b"\x00\x00\x00\x18ftypheic",
        b"<svg onload='x'/>",
        b"%PDF-1.7",
        b"PK\x03\x04",
    )
    ends = (b"", b"\x00" * 64, b"<script>x</script>", b"\xff\xd9", b"Exif\x00\x00MM\x00*" + b"\xff" * 40)
    yield from _bodies("images", *(start + end for start, end in product(starts, ends)), Content_Type="image/jpeg")
    sizes = (
        (0, 0),
        (1, 1),
        (1, 50_000),
        (50_000, 1),
        (30_000, 30_000),
        (65_535, 65_535),
        ((1 << 31) - 1, 1),
        (1 << 31, 1),
    )
    bombs = (_png(width, height) for width, height in sizes)
    yield from _bodies("images", *bombs, b"", b"\x00", Content_Type="application/offset+octet-stream")


def _png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is large."""
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * 999)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def strokes() -> Iterator[Bad]:
    yield from _tokens(
        "strokes",
        "[]",
        "[[]]",
        "[[1]]",
        "[[1,2,3]]",
        "[[-1,0]]",
        "[[10000,0]]",
        "[[1.5,2]]",
        '[["1","2"]]',
        "[[true,1]]",
    )
    yield from _tokens("strokes", "[[1,2],null]", "[[" + "1,1," * 5_000 + "1,1]]", "[" + "[1,1]," * 2_000 + "[1,1]]")


def positions() -> Iterator[Bad]:
    pairs = ((0, 0), (90, 0), (-90, 180), (91, 0), (-91, 0), (0, 181), (0, -181), (114, 33), (1e9, 1e9), (33.6, -114.6))
    yield from (Bad("positions", f"{one},{two}", json.dumps({"lat": one, "lon": two})) for one, two in pairs)
    pads = (
        (" 33.6 , 114.6", "[33.6,114.6]"),
        ("33°36′N", '"33°36′N"'),
        ("NaN,NaN", '{"lat": NaN}'),
        ("geo:33,114", '"geo:33,114"'),
    )
    yield from (Bad("positions", text, token) for text, token in pads)
    yield from _tokens("positions", *(f'{{"accuracy_m": {n}}}' for n in ("0", "-1", "10000", "1e309", '"5"', "null")))
    yield from _tokens(
        "positions", '{"mock": true}', '{"datum": "GCJ-02"}', '{"datum": "BD-09"}', '{"lat": "33"}', '{"lat": 33}'
    )


def labels() -> Iterator[Bad]:
    whole = "HTTPS://DINGPAN.TEST/V/" + "A" * 133
    yield from _texts(
        "labels", whole, whole.lower(), whole[:-1], whole + "A", f"{whole}/x", f"{whole}?x=1", f"{whole}#x", f" {whole}"
    )
    yield from _texts(
        "labels",
        *(whole.replace("DINGPAN.TEST", host) for host in ("EVIL.EXAMPLE", "DINGPAN.TEST.EVIL", "DlNGPAN.TEST")),
    )
    yield from _texts(
        "labels",
        whole.replace("HTTPS", "HTTP"),
        whole.replace("/V/", "/W/"),
        whole.replace("A", "0"),
        whole.replace("A", "8"),
    )
    yield from _texts(
        "labels",
        *("A" * size for size in (0, 1, 40, 131, 132, 134, 135, 4_096)),
        "A" * 132 + "B",
        "A" * 132 + "=",
        "Ａ" * 133,
    )
    yield from _texts(
        "labels", "WIFI:T:WPA;S:x;;", "weixin://x", "BEGIN:VCARD", "tel:12315", "12-345-678", "%41" * 133, "%2541" * 133
    )
    yield from _texts("labels", "A" * 66 + "\0" + "A" * 66, "A" * 66 + " " + "A" * 66)


def tokens() -> Iterator[Bad]:
    none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."
    shown = (
        "",
        "x",
        "Bearer",
        "Bearer ",
        f"Bearer {none}",
        "Bearer null",
        "Bearer undefined",
        "bearer x",
        "Basic YTpi",
        "Digest x",
    )
    shown += (
        "Bearer x x",
        "Bearer x,y",
        "Bearer " + "x" * 4_000,
        "Bearer \xff",
        "Token x",
        "Bearer 'x'",
        "Bearer x'--",
        "DPoP x",
    )
    shown += ("Bearer ../x", "Bearer %00", "Bearer 0", "Bearer -1", "Bearer true", "Bearer {}", "Bearer []")
    yield from (
        Bad("tokens", body=b"{}", headers=(("Content-Type", "application/json"), ("Authorization", one)))
        for one in shown
    )


def sync() -> Iterator[Bad]:
    epochs = (
        "",
        "x",
        "0.0",
        "abc.1",
        "abc.-1",
        "abc.99999999999999999999",
        ".1",
        "abc.",
        "abc.1.2",
        "abc.1e3",
        "ABC.1",
        "abc. 1",
    )
    yield from _texts("sync", *epochs, "-1", "99999999999", "x" * 81, "a.b", "٣.1", "null", "abc.01", "1")
    envelopes = (
        "{}",
        '{"ops": null}',
        '{"ops": {}}',
        '{"ops": []}',
        '{"ops": [null]}',
        '{"ops": [[]]}',
        '{"ops": [1]}',
        '{"ops": "x"}',
    )
    envelopes += (
        '{"ops": [{}]}',
        '{"ops": [{"op_id": 1}]}',
        '{"op": []}',
        '{"ops": [], "more": 1}',
        '{"OPS": []}',
        '{"ops": [{"x": 1}]}',
    )
    yield from _bodies("sync", *(text.encode() for text in envelopes), Content_Type="application/json")
    ops = (
        {"op_id": SOME_ID},
        {"device_seq": 0},
        {"device_seq": -1},
        {"kind": "visit.record/2"},
        {"depends_on": [SOME_ID]},
        {"body": "{}"},
    )
    yield from _bodies("sync", *(json.dumps({"ops": [one]}).encode() for one in ops), Content_Type="application/json")


def addresses() -> Iterator[Bad]:
    hosts = (
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "0.0.0.0",  # noqa: S104 - no server listens there
    )
    hosts += (
        "169.254.169.254",
        "[fe80::1]",
        "10.0.0.1",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "evil。example",
    )
    yield from _texts("addresses", *(f"http://{host}/" for host in hosts))
    yield from _texts(
        "addresses", "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "/%09/evil.example"
    )
    yield from _texts("addresses", "/console/../..//evil.example", "ftp://evil.example", "gopher://127.0.0.1:6379/_x")


def logs() -> Iterator[Bad]:
    yield from _texts(
        "logs",
        "a\r\nSet-Cookie: x=1",
        "a\nlevel=error",
        "a\r",
        "\x1b[31mred",
        "\x1b]0;title\x07",
        "\x1b[2J",
        "%0d%0aX: 1",
    )
    yield from _texts("logs", 'a"}\n{"event":"x"}', "a\u2028b\u2029c", "\x08\x08\x08", "${jndi:ldap://x}", "a\x9b31m")


def twice() -> Iterator[Bad]:
    """The same request twice at once, with all that a sound one holds, or with an odd text."""
    yield from (Bad("twice", text, copies=2) for text in ("", *(f"T-{number}" for number in range(19))))


def locale() -> Iterator[Bad]:
    yield from _texts(
        "locale",
        "1,5",
        "1.234,5",
        "1 234,5",
        "１．５",
        "١٫٥",
        "१.५",
        "一点五",
        "1·5",
        "1。5",
        "5 公斤",
        "5kg斤",
        "５ｋｇ",
        "壹佰",
        "1'5",
    )


MAKERS: dict[str, Callable[[], Iterator[Bad]]] = {
    "controls": controls,
    "encodings": encodings,
    "unicode": unicode,
    "lengths": lengths,
    "numbers": numbers,
    "amounts": amounts,
    "days": days,
    "ids": ids,
    "json": json_shapes,
    "http": http,
    "sql": sql,
    "markup": markup,
    "cells": cells,
    "paths": paths,
    "images": images,
    "strokes": strokes,
    "positions": positions,
    "labels": labels,
    "tokens": tokens,
    "sync": sync,
    "addresses": addresses,
    "logs": logs,
    "twice": twice,
    "locale": locale,
}
