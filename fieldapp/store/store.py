"""The unlocked store: everything the phone keeps, under the data key of the signed-in person."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from fieldapp.clock import Offset, PhoneClock, carried, corrected, likely_day
from fieldapp.store.alarms import Alarms
from fieldapp.store.carried import CarriedPackages
from fieldapp.store.database import Database
from fieldapp.store.documents import Documents
from fieldapp.store.drafts import Drafts
from fieldapp.store.facts import Facts
from fieldapp.store.filings import Filings
from fieldapp.store.heads import Heads
from fieldapp.store.kept import Kept
from fieldapp.store.labelling import LabellingDay
from fieldapp.store.nozzles import NozzleDrafts
from fieldapp.store.outbox import Outbox
from fieldapp.store.photos import Photos
from fieldapp.store.records import Records
from fieldapp.store.refills import Refills
from fieldapp.store.register import Register
from fieldapp.store.seal_moves import SealMoves
from fieldapp.store.sealing import Sealer
from fieldapp.store.uploads import Uploads
from shared.dates import civil_day

PHOTOS, CARRIED = "photos", "carried"


class NotEnrolled(Exception):
    """The phone does not belong to a bureau yet."""


class Store:
    """One object for each kind of thing kept; made when the vault is opened, thrown away at sign-out."""

    def __init__(self, database: Database, key: bytes, folder: Path, clock: PhoneClock) -> None:
        sealer = Sealer(key)
        self.database = database
        self.clock = clock
        self.folder = folder
        self.facts = Facts(database)
        self.kept = Kept(database, sealer)
        self.register = Register(database, sealer)
        self.refills = Refills(database, sealer)
        self.drafts = Drafts(database, sealer)
        self.nozzles = NozzleDrafts(database, sealer)
        self.records = Records(database, sealer, clock)
        self.labelling = LabellingDay(database, sealer)
        self.filings = Filings(database, sealer, clock)
        self.seal_moves = SealMoves(database, sealer, clock)
        self.outbox = Outbox(database, sealer)
        self.heads = Heads(database)
        self.alarms = Alarms(database)
        self.uploads = Uploads(database, sealer)
        self.photos = Photos(database, sealer, folder / PHOTOS)
        self.carried = CarriedPackages(database, sealer, folder / CARRIED)

    @cached_property
    def documents(self) -> Documents:
        """Key set and void labels, under the pinned root; raises NotEnrolled before there is one."""
        bureau = self.kept.bureau
        if bureau is None:
            raise NotEnrolled
        return Documents(self.database, bureau.root)

    def offset(self) -> Offset | None:
        """Return how wrong the clock is as it is set now; None when the server never told the time."""
        measured = self.facts.offset()
        return carried(measured, self.clock.moment()) if measured else None

    def now(self) -> datetime:
        """Return the time that it most likely is: the phone's, corrected by what is known of its clock."""
        return corrected(self.clock.now(), self.offset())

    def today(self) -> date:
        """Return the civil day that it most likely is."""
        return likely_day(self.clock.now(), self.offset())

    def label_day(self) -> date:
        """Return the day on which labels are judged: the later of today and the last tree head's."""
        times = [self.now(), self.heads.last_time()]
        return max(civil_day(at) for at in times if at is not None)
