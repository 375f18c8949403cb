"""An invitation signed by this phone, as a QR for the merchant's own phone; nothing is sent and nothing is kept.

The bureau's server checks it when the merchant opens it: form, phone, officer, jurisdiction, age, and that it is the
first time. Its time is the phone's, corrected by the offset measured last.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from kivy.properties import ListProperty, StringProperty

from fieldapp.parts import Parts
from fieldapp.sync.wording import moment
from fieldapp.viewmodel import ViewModel
from shared.field_invitation import NONCE_BYTES, FieldInvitation, encode, link

QUIET = 4


def modules_of(text: str) -> list[list[bool]]:
    """Return a text as a QR code of level M, True for dark, with four modules of quiet zone around it."""
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    code.make()
    return [[bool(module) for module in row] for row in code.get_matrix()]


class InvitationViewModel(ViewModel):
    """``modules`` are the rows of the code, none while it is being made; ``until`` says when it ends."""

    name = StringProperty("")
    modules = ListProperty()
    until = StringProperty("")
    link = StringProperty("")

    def __init__(self, parts: Parts, party: str, name: str) -> None:
        super().__init__(parts)
        self._party = party
        self.name = name
        self.renew()

    def renew(self) -> None:
        """Show another code, for somebody else or after the first was used; the one before stays good for its day."""
        invitation = self._invitation()
        self.modules, self.link = [], self._link(invitation)
        self.until = self.t("invitation.until", time=moment(self.parts.texts, invitation.until))
        text = self.link
        self.parts.off_thread(lambda: modules_of(text), lambda modules: self._show(text, modules))

    def _show(self, text: str, modules: list[list[bool]]) -> None:
        if text == self.link:
            self.modules = modules

    def _invitation(self) -> FieldInvitation:
        ids = (self.parts.device.id, self.parts.me.id, self._party)
        return FieldInvitation(*ids, secrets.token_bytes(NONCE_BYTES), self._now())

    def _now(self) -> datetime:
        return self.parts.store.now().replace(microsecond=0)

    def _link(self, invitation: FieldInvitation) -> str:
        bureau = self.parts.store.kept.bureau
        return link(bureau.url if bureau else "", encode(invitation, self.parts.device.signer))
