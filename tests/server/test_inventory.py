"""Every column of the database is on one of two lists, and the page on personal data says what the list says."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Column, MetaData, String, Table

from server.database import Base
from server.personal import inventory, retention

PAGE = Path(__file__).resolve().parents[2] / "docs" / "personal-data.md"


def test_every_column_is_thought_of(sqlite_app: Flask) -> None:
    del sqlite_app
    assert list(inventory.faults(Base.metadata)) == []


def copied() -> MetaData:
    """Return the tables of the database, to plant faults in."""
    metadata = MetaData()
    for table in Base.metadata.tables.values():
        Table(table.name, metadata, *(Column(column.name, column.type) for column in table.columns))
    return metadata


def test_a_new_column_is_noticed(sqlite_app: Flask) -> None:
    del sqlite_app
    metadata = copied()
    metadata.tables["person"].append_column(Column("birthday", String))
    Table("diary", metadata, Column("text", String))
    assert list(inventory.faults(metadata)) == ["diary.text is on no list", "person.birthday is on no list"]


def test_a_column_that_went_is_noticed(sqlite_app: Flask) -> None:
    del sqlite_app
    metadata = copied()
    metadata.remove(metadata.tables["contact"])
    assert "contact.sealed is no column" in list(inventory.faults(metadata))


def test_a_column_on_both_lists_and_a_rule_that_is_none_are_noticed(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    del sqlite_app
    wrong = inventory.Personal("region", ("name",), "", "", "certain", "for ever", "", "")
    rows = [*inventory.personal(), wrong]
    monkeypatch.setattr(inventory, "personal", lambda: rows)
    found = list(inventory.faults(Base.metadata))
    assert found == ["region.name is listed twice", "region is kept by no rule for ever", "region: certain?"]


def test_every_rule_is_used_and_every_rule_of_days_is_carried_out() -> None:
    rules = inventory.kept()
    assert {row.kept for row in inventory.personal()} == set(rules)
    assert {rule.kept for rule in retention.RULES} == {name for name, rule in rules.items() if rule.lasts is not None}


def test_a_rule_is_carried_out_on_each_table_that_it_is_told_of() -> None:
    told = {(row.table, row.kept) for row in inventory.personal() if inventory.kept()[row.kept].lasts is not None}
    assert told == {(rule.table, rule.kept) for rule in retention.RULES}


def test_the_page_on_personal_data_has_the_table_of_the_inventory() -> None:
    page = PAGE.read_text("utf-8")
    assert inventory.with_table(page) == page, "run python -m server.personal.inventory docs/personal-data.md"
    assert "\n| **sealed_contact** id," in page


def test_a_page_that_says_something_else_is_noticed() -> None:
    page = PAGE.read_text("utf-8").replace("30 days after it ended", "40 days after it ended")
    assert inventory.with_table(page) != page
