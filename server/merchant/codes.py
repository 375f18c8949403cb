"""What signing in by phone and registering a number share: asking for a number, sending a code, asking for it."""

from __future__ import annotations

from flask import Response, make_response, render_template

from server import transaction
from server.clock import new_id, now
from server.database import begin_write, db
from server.forms import Form
from server.language import t
from server.memberships import service as memberships
from server.problems import NotFound
from server.sms import service as sms
from server.sms.service import Message, Sender

MINUTES = memberships.CODE_LASTS.seconds // 60


def sender() -> Sender:
    """Return the sender, ready; raises NotFound where no codes are offered, and SmsDown."""
    found = sms.sender()
    if not found.is_offered:
        raise NotFound
    found.require_up(now())
    return found


def new_message(number: str, purpose: str) -> Message:
    """Make a code and the message that carries it; raises CodeTooSoon or CodesUsedUp."""
    begin_write()
    with transaction.whole(db.session()):
        code = memberships.issue_code(db.session(), number, purpose, now())
        transaction.commit(db.session(), now())
    return Message(new_id(now()), number, code, t("enter.sms", code=code, minutes=MINUTES))


def spaced(number: str) -> str:
    """Write a number as people say it.

    >>> spaced("13800000000")
    '138 0000 0000'
    """
    return f"{number[:3]} {number[3:7]} {number[7:]}"


def ask_number(template: str, form: Form, status: int, **more: object) -> Response:
    """Ask for a number."""
    return _unkept(render_template(template, form=form, is_offered=sms.sender().is_offered, **more), status)


def ask_code(form: Form, status: int, *, number: str, action: str, again: str, note: str = "") -> Response:
    """Ask for the code that was sent to a number; it is the same page whether or not we know the number."""
    said = {"number": number, "spaced": spaced(number), "action": action, "again": again, "note": note}
    return _unkept(render_template("merchant/code.html", form=form, minutes=MINUTES, **said), status)


def _unkept(page: str, status: int) -> Response:
    answer = make_response(page, status)
    answer.cache_control.no_store = True
    return answer
