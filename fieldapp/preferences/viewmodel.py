"""Preferences: language, size of the text, light or dark; signing out and handing over, which keep everything."""

from __future__ import annotations

from typing import Any

from kivy.properties import ListProperty, StringProperty

from fieldapp.physical_seals.walk import in_hand
from fieldapp.routes import Route
from fieldapp.settings import TEXT_SCALES
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState
from fieldapp.store.uploads import UploadState
from fieldapp.sync import wording
from fieldapp.sync.metered import wait_for_wifi
from fieldapp.viewmodel import ViewModel
from shared.texts import DEFAULT, LANGUAGES

STYLES = ("light", "dark")
PHOTOS = WAIT, ANY = "wait", "any"


class PreferencesViewModel(ViewModel):
    """Choices are ``key``, ``text`` and whether ``chosen``; they are worn at once and survive a restart."""

    languages = ListProperty()
    scales = ListProperty()
    styles = ListProperty()
    photos = ListProperty()
    person = StringProperty("")
    unit = StringProperty("")
    synced = StringProperty("")
    versions = StringProperty("")
    sign_out_hint = StringProperty("")
    refusal = StringProperty("")

    def opened(self) -> None:
        """Show what is chosen."""
        with self.told():
            self._look()
            me = self.parts.me
            self.person = self.t("preferences.person", name=me.name, card_no=me.card_no)
            self.unit = me.unit_name
            at = self.parts.facts.instant(Fact.SYNCED_AT)
            never = self.t("preferences.never")
            self.synced = self.t("preferences.synced", at=wording.moment(self.parts.texts, at) if at else never)
            self.versions = self._versions()
            waiting = self.parts.store.outbox.counts().get(OpState.WAITING, 0)
            hint = self.t("preferences.sign_out_waiting", count=waiting) if waiting else ""
            if not hint and (photos := self.parts.store.uploads.counts().get(UploadState.WAITING, 0)):
                hint = self.t("preferences.sign_out_photos", count=photos)
            self.sign_out_hint = hint or self.t("preferences.sign_out_hint")

    def _look(self) -> None:
        facts = self.parts.facts
        language = facts.get(Fact.LANGUAGE, DEFAULT)
        scale = f"{facts.get(Fact.TEXT_SCALE, TEXT_SCALES[0])}"
        self.languages = [_choice(one, self.t(f"preferences.language_{one}"), language) for one in LANGUAGES]
        self.scales = [
            _choice(f"{one}", self.t("preferences.scale", percent=round(one * 100)), scale) for one in TEXT_SCALES
        ]
        style = facts.get(Fact.STYLE, STYLES[0])
        waits = WAIT if wait_for_wifi(self.parts.store) else ANY
        self.photos = [_choice(one, self.t(f"preferences.photos_{one}"), waits) for one in PHOTOS]
        self.styles = [_choice(one, self.t(f"preferences.style_{one}"), style) for one in STYLES]

    def _versions(self) -> str:
        documents = self.parts.store.documents
        keys, revoked = documents.keys, documents.revoked
        return self.t(
            "preferences.versions",
            keys=keys.seq if keys else 0,
            revoked=revoked.issued.isoformat() if revoked else self.t("preferences.never"),
            heads=self.parts.store.heads.count(),
        )

    def choose_language(self, key: str) -> None:
        """Speak another language from now on."""
        self._choose(Fact.LANGUAGE, key)

    def choose_scale(self, key: str) -> None:
        """Write larger or smaller from now on."""
        self._choose(Fact.TEXT_SCALE, float(key))

    def choose_style(self, key: str) -> None:
        """Wear light or dark from now on."""
        self._choose(Fact.STYLE, key)

    def choose_photos(self, key: str) -> None:
        """Let large photos wait for Wi-Fi, or send them over any network from now on."""
        with self.told():
            self.parts.facts.set(Fact.PHOTOS_WAIT, key == WAIT)
            self._look()
            self.parts.sync_soon()

    def _choose(self, name: Fact, value: str | float) -> None:
        with self.told():
            self.parts.facts.set(name, value)
            self.parts.wear()

    def sign_out(self) -> None:
        """Lock the store, at once and whatever waits: records and drafts stay, and the same PIN opens them again."""
        self.parts.lock()
        self.parts.path.begin(Route.SIGN_IN)

    def hand_over(self) -> None:
        """Have the PIN asked for; a visit or an instrument in hand is finished first by whoever began it."""
        with self.told():
            if self.parts.store.drafts.running() is not None:
                self.refusal = self.t("preferences.handover_visit")
                return
            if self.parts.store.labelling.of(self.parts.me.id).filing is not None:
                self.refusal = self.t("preferences.handover_filing")
                return
            if in_hand(self.parts) is not None:
                self.refusal = self.t("preferences.handover_seal")
                return
            self.go(Route.HANDOVER)


def _choice(key: str, text: str, chosen: str) -> dict[str, Any]:
    return {"key": key, "text": text, "chosen": key == chosen}
