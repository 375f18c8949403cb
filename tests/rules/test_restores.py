"""What a notice of restore excuses, whatever the heads; and that no document makes opening one raise."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.dates import instant_text
from shared.restores import Notice, open_notice
from shared.signing import RESTORE, TREE_HEAD, Signer, encode_base64
from shared.tree import TreeHead

ROOT = Signer(bytes(range(32)))
AT = datetime(2026, 11, 21, 2, 0, 0, tzinfo=UTC)
NOTICE = Notice("ab" * 16, 10, bytes(32), AT)


def head(size: int, seconds: int, log_id: str = NOTICE.log_id) -> TreeHead:
    return TreeHead(log_id, size, bytes(32), instant_text(AT + timedelta(seconds=seconds)), 1)


def signed(context: bytes = RESTORE, **fields: object) -> dict[str, str]:
    told = {"log_id": NOTICE.log_id, "size": 10, "root": encode_base64(NOTICE.root), "at": instant_text(AT)}
    body = json.dumps(told | fields)
    return {"body": body, "signature": encode_base64(ROOT.sign(context, body.encode()))}


SIZES, SECONDS = st.integers(0, 20), st.integers(-5, 5)


@given(lost=SIZES, lost_s=SECONDS, new=SIZES, new_s=SECONDS, is_other=st.booleans())
def test_a_notice_excuses_a_longer_head_of_before_and_one_of_after(
    lost: int, lost_s: int, new: int, new_s: int, is_other: bool
) -> None:
    other = "cd" * 16 if is_other else NOTICE.log_id
    expected = lost > 10 and new > 10 and lost_s < 0 <= new_s and not is_other
    assert NOTICE.excuses(head(lost, lost_s), head(new, new_s, other)) is expected
    assert NOTICE.excuses(head(lost, lost_s, other), head(new, new_s)) is expected
    assert not replace(NOTICE, log_id="ef" * 16).excuses(head(lost, lost_s), head(new, new_s))


def test_a_notice_is_opened_with_the_root_that_signed_it_alone() -> None:
    assert open_notice(signed(), ROOT.public) == NOTICE
    assert open_notice(signed(), Signer(bytes(32)).public) is None
    assert open_notice(signed(TREE_HEAD), ROOT.public) is None
    changed = signed() | {"body": signed()["body"].replace("10", "11")}
    assert open_notice(changed, ROOT.public) is None


FIELDS = st.fixed_dictionaries(
    {}, optional={name: st.none() | st.integers() | st.text(max_size=8) for name in ("log_id", "size", "root", "at")}
)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=4)


@given(fields=FIELDS, document=st.dictionaries(st.sampled_from(["body", "signature", "x"]), JSON) | JSON)
def test_no_document_makes_opening_a_notice_raise(fields: dict[str, object], document: object) -> None:
    opened = open_notice(signed(**fields), ROOT.public)
    assert opened is None or (opened.size >= 0 and len(opened.root) == 32)
    assert open_notice(document, ROOT.public) is None
