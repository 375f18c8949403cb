"""Taking in a rescue file at the desk: what a phone could not send itself."""

from __future__ import annotations

from flask import Response, current_app, g, make_response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from server.clock import now
from server.console.incoming import op_kind
from server.console.routes import blueprint
from server.database import db
from server.evidence.service import Came
from server.forms import Form, read_form
from server.language import t
from server.rescue import service as rescues
from server.rescue.service import RescueTooLarge
from server.web import csrf
from shared.ops import Status
from shared.wire.strict import StrictSchema

AROUND_A_FILE, READ_AHEAD = 64 << 10, 512 << 10


class FileSchema(StrictSchema):
    """A form of one file."""


FILE = FileSchema()


@blueprint.get("/rescue")
def rescue() -> Response:
    """Show the form for a rescue file, and how a phone makes one."""
    return _page(Form(), 200)


@csrf.exempt  # type: ignore[untyped-decorator]  # the body has a limit of its own; the token in it is checked below
@blueprint.post("/rescue")
def take_in_rescue() -> Response:
    """Take in a rescue file, and say what came of it."""
    settings = current_app.extensions["dingpan"].settings
    request.max_content_length = settings.rescue_bytes + AROUND_A_FILE
    request.max_form_memory_size = READ_AHEAD  # the parser counts what it has read of a file beyond a line break
    try:
        if current_app.config["WTF_CSRF_ENABLED"]:
            csrf.protect()
        form = read_form(FILE)
        file = request.files.get("file")
    except RequestEntityTooLarge:
        most = settings.rescue_bytes >> 20
        return _page(Form().wrong("file", f"problem.{RescueTooLarge.slug}.detail", mib=most), 413)
    if not form.is_good or file is None or not file.filename:
        return _page(form if not form.is_good else form.wrong("file", "rescue.choose_file"), 422)
    try:
        taken = rescues.take_in(
            db.session(),
            current_app.extensions["dingpan"].keyring,
            file.stream,
            rescues.Bringer(g.person),
            most_photo_bytes=settings.upload_bytes,
            now=now,
        )
    except rescues.REFUSALS as problem:
        return _page(form.wrong("file", f"problem.{problem.slug}.detail"), 422)
    return _result(taken)


def _page(form: Form, status: int) -> Response:
    most = current_app.extensions["dingpan"].settings.rescue_bytes >> 20
    return make_response(render_template("console/rescue.html", form=form, most=most), status)


def _result(taken: rescues.Taken) -> Response:
    lines = [(_kind(reason), _why(reason), count) for reason, count in taken.reasons.items()]
    lost = taken.photos[Came.UNNAMED] + taken.photos[Came.REFUSED]
    page = render_template("console/rescue_done.html", taken=taken, lines=lines, lost=lost, statuses=Status, came=Came)
    return make_response(page)


def _kind(reason: rescues.Reason) -> str:
    return t(f"op_kind.{op_kind(reason.kind)}") if reason.kind else t("rescue.unreadable_kind")


def _why(reason: rescues.Reason) -> str:
    return t("rescue.unreadable") if reason.slug == rescues.UNREADABLE else t(f"op.{reason.slug}.title")
