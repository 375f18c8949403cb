"""Tables of the field records. Rows are added when an op is taken in, and never changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.database import Base, Id, Instant


class Visit(Base):
    """One walk through a place. ``civil_day`` is the day of the record by the corrected clock of the phone."""

    __tablename__ = "visit"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    op_id: Mapped[str] = mapped_column(Id, unique=True)
    place_id: Mapped[str] = mapped_column(Id, ForeignKey("place.id"), index=True)
    unit_id: Mapped[str] = mapped_column(Id, ForeignKey("unit.id"), index=True)
    task_id: Mapped[str | None] = mapped_column(Id)
    cause: Mapped[str] = mapped_column(String(16))
    approval_no: Mapped[str] = mapped_column(String(60))
    started_at: Mapped[datetime] = mapped_column(Instant)
    made_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    civil_day: Mapped[date] = mapped_column(index=True)
    clock_offset_s: Mapped[int | None] = mapped_column(BigInteger)
    clock_doubt_s: Mapped[int | None] = mapped_column(BigInteger)
    card_shown: Mapped[bool]
    recusal_told: Mapped[bool]
    irregular: Mapped[str] = mapped_column(String(200), default="")
    participants: Mapped[list[Participant]] = relationship(order_by="Participant.place_in_list")
    standards: Mapped[list[StandardRow]] = relationship(order_by="StandardRow.place_in_list")
    inspections: Mapped[list[Inspection]] = relationship(order_by="Inspection.id", back_populates="visit")


class Participant(Base):
    """Who took part in a visit, in what capacity, with which card."""

    __tablename__ = "participant"

    visit_id: Mapped[str] = mapped_column(Id, ForeignKey("visit.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, primary_key=True)
    place_in_list: Mapped[int]
    capacity: Mapped[str] = mapped_column(String(16))
    card_no: Mapped[str] = mapped_column(String(40))


class StandardRow(Base):
    """The weights carried on a visit: their class, the number of their certificate and its last day."""

    __tablename__ = "visit_standard"

    visit_id: Mapped[str] = mapped_column(Id, ForeignKey("visit.id"), primary_key=True)
    place_in_list: Mapped[int] = mapped_column(primary_key=True)
    weight_class: Mapped[str] = mapped_column(String(8))
    certificate_no: Mapped[str] = mapped_column(String(60))
    valid_until: Mapped[date]


class Inspection(Base):
    """One party within a visit."""

    __tablename__ = "inspection"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    visit_id: Mapped[str] = mapped_column(Id, ForeignKey("visit.id"), index=True)
    party_id: Mapped[str | None] = mapped_column(Id, ForeignKey("party.id"), index=True)
    party_name: Mapped[str] = mapped_column(String(120))
    stall_id: Mapped[str | None] = mapped_column(Id, ForeignKey("stall.id"))
    disposition: Mapped[str] = mapped_column(String(32))
    not_inspected: Mapped[str | None] = mapped_column(String(16))
    remark: Mapped[str] = mapped_column(String(2000))
    party_remark: Mapped[str] = mapped_column(String(2000))
    signer_name: Mapped[str | None] = mapped_column(String(60))
    signature_refused: Mapped[bool] = mapped_column(default=False)
    strokes: Mapped[str | None] = mapped_column(Text)
    visit: Mapped[Visit] = relationship(back_populates="inspections")
    checks: Mapped[list[Check]] = relationship(order_by="Check.id", back_populates="inspection")


class Check(Base):
    """The field test of one instrument, with the phone's verdict and the server's own."""

    __tablename__ = "check"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    inspection_id: Mapped[str] = mapped_column(Id, ForeignKey("inspection.id"), index=True)
    instrument_id: Mapped[str] = mapped_column(Id, ForeignKey("instrument.id"), index=True)
    custody_id: Mapped[str | None] = mapped_column(Id, ForeignKey("custody.id"))
    label: Mapped[str | None] = mapped_column(String(133))
    label_verdict: Mapped[str | None] = mapped_column(String(32))
    photo_matches: Mapped[bool | None]
    tested_by: Mapped[str] = mapped_column(Id)
    measured_at: Mapped[datetime] = mapped_column(Instant)
    civil_day: Mapped[date] = mapped_column(index=True)
    max_mg: Mapped[int] = mapped_column(BigInteger)
    min_mg: Mapped[int] = mapped_column(BigInteger)
    e_mg: Mapped[int] = mapped_column(BigInteger)
    d_mg: Mapped[int] = mapped_column(BigInteger)
    accuracy_class: Mapped[str] = mapped_column(String(4))
    price_computing: Mapped[bool]
    device_verdict: Mapped[str] = mapped_column(String(16))
    device_ruleset: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16))
    ruleset: Mapped[str] = mapped_column(String(64))
    is_disputed: Mapped[bool] = mapped_column(default=False)
    inspection: Mapped[Inspection] = relationship(back_populates="checks")
    readings: Mapped[list[ReadingRow]] = relationship(order_by="ReadingRow.place_in_list")


class ReadingRow(Base):
    """One measured point of a check, milligrams."""

    __tablename__ = "reading"

    check_id: Mapped[str] = mapped_column(Id, ForeignKey("check.id"), primary_key=True)
    place_in_list: Mapped[int] = mapped_column(primary_key=True)
    load_mg: Mapped[int] = mapped_column(BigInteger)
    shown_mg: Mapped[int] = mapped_column(BigInteger)


class Correction(Base):
    """What an earlier op should have said; that op stays as it is."""

    __tablename__ = "correction"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    corrects: Mapped[str] = mapped_column(Id, index=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(String(2000))
    received_at: Mapped[datetime] = mapped_column(Instant)
