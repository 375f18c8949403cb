"""Enrolling one's own phone: a one-time code as a QR that also pins the bureau's root key."""

from __future__ import annotations

from flask import current_app, g, render_template

from server import transaction
from server.clock import now
from server.console.routes import blueprint
from server.database import begin_write, db
from server.devices import service as devices
from server.language import t
from server.qr import qr_svg


@blueprint.get("/enrolment")
def enrolment() -> str:
    """Explain the steps and list the phones enrolled so far."""
    return render_template("console/enrolment.html", devices=devices.devices_of(db.session(), g.person), code=None)


@blueprint.post("/enrolment")
def issue_code() -> str:
    """Make a code and show it once: only its hash is kept."""
    dingpan = current_app.extensions["dingpan"]
    begin_write()
    code = devices.issue_enrolment_code(db.session(), g.person, now())
    transaction.commit(db.session(), now())
    text = devices.enrolment_text(dingpan.settings.public_url, dingpan.keyring.root_public, code)
    return render_template(
        "console/enrolment.html",
        devices=devices.devices_of(db.session(), g.person),
        code=qr_svg(text, t("enrolment.code_label")),
        text=text,
        until=now() + devices.CODE_LASTS,
    )
