"""More golden tables over HTTP: what the table says is what a person is told, edge by edge."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from flask.testing import FlaskClient

from server.limits import limiter
from shared.amounts import Amount, Unit, decimal_text
from shared.dispensers import judge_nozzle
from shared.lot import Lot, judge_lot
from shared.prepackages import Package, allowed_shortage
from shared.scales import Scale
from tests.builders import a_scale, todays_rules
from tests.rules.fuel_builders import a_nozzle_check, a_run
from tests.rules.tables import rows
from tests.server.calculating import SOUND, Body, ask, grams, litres, nozzle_body
from tests.server.test_calculators import in_unit, plate, same
from tests.server.world import World

RULES = todays_rules()


@pytest.fixture
def client(sqlite_world: World) -> Iterator[FlaskClient]:
    limiter.reset()
    yield sqlite_world.app.test_client()
    limiter.reset()


def refused(client: FlaskClient, name: str, body: Body) -> set[str]:
    """Return the fields that something is wrong with."""
    limiter.reset()
    answer = client.post(f"/api/v1/rules/{name}", json=body)
    assert answer.status_code == 422, answer.text
    return {error["pointer"].split("/")[1] for error in answer.json["errors"]}


def test_every_limit_of_a_scale_is_told_at_its_edge(client: FlaskClient) -> None:
    """A load that the table does not cover is refused where it was typed."""
    for row in rows("scale_limits"):
        scale = plate(a_scale(e_g=5, max_kg=2000, accuracy_class=row["class"]))
        told_limit(client, scale, int(row["load_mg"]), row["in_service_mg"])
    for row in rows("worked_points"):
        limit_mg = str(int(row["in_service_g"]) * 1000)
        told_limit(client, plate(a_scale(e_g=10, max_kg=30)), int(row["load_g"]) * 1000, limit_mg)


def told_limit(client: FlaskClient, scale: Body, load_mg: int, limit_mg: str) -> None:
    reading = {"load": grams(load_mg), "shown": grams(0)}
    body = {"scale": scale, "readings": [reading]}
    if limit_mg == "refused":
        assert refused(client, "scale-check", body) in ({"scale"}, {"readings"})
        return
    limit = ask(client, "scale-check", body)["grounds"][0]["limit"]
    assert Fraction(limit["value"]) * 1_000_000 == int(limit_mg), (scale, load_mg)


# Goods that a tier names, and for the tier of the dearest food a price.
OF_TIER: dict[str, Body] = {
    "food_1": {"goods": "grain"},
    "food_2": {"goods": "meat"},
    "food_3": {"goods": "delicacy"},
    "food_4": {"goods": "other_food", "price": {"value": "150", "unit": "元/公斤"}},
    "gold": {"goods": "gold"},
    "silver": {"goods": "silver"},
}
FINEST = Scale(max_mg=60_000_000, min_mg=200, e_mg=2, d_mg=1, accuracy_class="I")


def test_every_shortage_a_seller_may_have_is_told_at_its_edge(client: FlaskClient) -> None:
    """On an equal scale twice the limit may be missing (令66号 第六条); one digit more is beyond."""
    for row in rows("retail_limits"):
        settled_mg = int(row["settled_mg"])
        sale = {"method": "equal_scale", "scale": plate(FINEST), "settled": grams(settled_mg), **OF_TIER[row["tier"]]}
        if row["limit_mg"] == "outside":
            assert refused(client, "reweigh", sale | {"shown": grams(settled_mg)}) == {"settled"}, row
            continue
        twice_mg = 2 * int(row["limit_mg"])
        for more_mg, code in ((0, "retail_short_within"), (1, "retail_short_beyond")):
            if settled_mg <= twice_mg + more_mg:
                continue
            answer = ask(client, "reweigh", sale | {"shown": grams(settled_mg - twice_mg - more_mg)})
            short = next(ground for ground in answer["grounds"] if ground["code"].startswith("retail_short"))
            assert short["code"] == code, row
            assert Fraction(short["limit"]["value"]) * 1_000_000 == twice_mg, row


def test_every_price_is_read_as_the_table_says(client: FlaskClient) -> None:
    for row in rows("prices"):
        body = SOUND["reweigh"] | {"goods": "other_food", "price": {"value": row["text"], "unit": f"元/{row['unit']}"}}
        if row["fen"].isdecimal() and int(row["fen"]) > 0:
            price = {"value": decimal_text(Fraction(int(row["fen"]), 100)), "unit": "元/公斤"}
            assert ask(client, "reweigh", body) == ask(client, "reweigh", body | {"price": price}), row
        else:
            assert refused(client, "reweigh", body) == {"price"}, row


def test_every_allowed_shortage_of_a_package_is_told_at_its_bound(client: FlaskClient) -> None:
    for row in rows("prepackage_shortage"):
        marked = in_unit(row["kind"], int(row["marked"]))
        body = {"marked": marked, "size": 10, "contents": [marked] * 10, "doubt": in_unit(row["kind"], 0)}
        if row["least"] == "refused":
            assert refused(client, "prepackage-lot", body) == {"marked"}, row
            continue
        answer = ask(client, "prepackage-lot", body)
        allowed = Fraction(row["least"]), Fraction(row["most"])
        package = Package(Amount(int(row["marked"]), Unit(row["kind"])))
        found = allowed_shortage(package, RULES)
        assert (found.least, found.most) == allowed
        same(answer, judge_lot(Lot(package=package, size=10, contents=(int(row["marked"]),) * 10, doubt=0), RULES))


def test_every_corrected_volume_is_told_in_its_step(client: FlaskClient) -> None:
    for row in rows("fuel_corrections"):
        temperatures = {name: {"value": row[f"{name}_c"], "unit": "°C"} for name in ("dispenser", "measure")}
        body = nozzle_body(a_nozzle_check())
        body |= {"fuel": row["fuel"], "measure": body["measure"] | {"material": row["material"]}}
        held = {"held": litres(int(row["held_ul"])), "shown": litres(round_to_step(int(row["held_ul"])))}
        body["runs"] = [run | temperatures | held for run in body["runs"]]
        true = decimal_text(Fraction(row["true_ul"]) / 1_000_000)
        steps = ask(client, "dispenser-check", body)["steps"]
        assert any(true in step for step in steps), (row, steps)


def round_to_step(ul: int) -> int:
    return ul - ul % 10_000


def test_every_spread_is_told_at_its_edge(client: FlaskClient) -> None:
    for row in rows("fuel_spreads"):
        runs = [a_run(int(row[name]), int(row["held_ul"])) for name in ("first_ul", "second_ul", "third_ul")]
        check = a_nozzle_check(*runs, step_ul=int(row["step_ul"]))
        answer = ask(client, "dispenser-check", nozzle_body(check))
        same(answer, judge_nozzle(check, RULES))
        spreads = [ground["code"] for ground in answer["grounds"] if "spread" in ground["code"]]
        assert spreads == [f"fuel_spread_{row['outcome']}"] * 2, row
