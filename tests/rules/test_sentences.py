"""What people read about a verdict, a label or a mistake: true figures, in both languages, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared import errors, quantities, sentences
from shared.dates import parse_instant
from shared.errors import RuleError
from shared.lot import Lot, judge_lot, plan_for
from shared.package_labels import Mark, judge_mark
from shared.phone_weight import Phone, try_phone
from shared.prepackages import Package, allowed_shortage, quantity
from shared.recheck import EqualScale, refuse_bad_readings
from shared.retail import Goods, Sale, chosen_tier, shortage_limit, tiers_for
from shared.rules import rules_on
from shared.sampling import draw_sample
from shared.scale_loads import propose_loads
from shared.scales import permissible_error
from shared.seal import STALE_AFTER_DAYS, LabelVerdict, open_seal, parse_short_code
from shared.tare import net_by_mean, net_of_each
from shared.texts import LANGUAGES, Texts, load
from shared.verdict import Code, ReasonCode, judge, judge_between
from tests.builders import TODAY, a_check, a_key_set, a_revocation_list, a_scale, todays_rules

ZH, EN = (load(language) for language in LANGUAGES)
BOTH = pytest.mark.parametrize("texts", [ZH, EN], ids=LANGUAGES)
RULES = todays_rules()


def test_the_journeys_point_is_told_as_agreed() -> None:
    worst = judge(a_check(), RULES).worst
    assert worst is not None
    told = "放 10 公斤，显示 10.025 公斤，多显示 25 克；最多允许差 10 克。"
    assert sentences.point_sentence(ZH, worst, 5_000) == told
    told = "10 kg on the pan shows 10.025 kg: 25 g too much; at most 10 g is allowed."
    assert sentences.point_sentence(EN, worst, 5_000) == told
    assert sentences.harmed_sentence(ZH, worst) == ZH("verdict.harmed_buyer")


@BOTH
def test_a_scale_that_shows_too_little_harms_the_seller_and_an_exact_one_nobody(texts: Texts) -> None:
    little, exact = (judge(a_check((1_000, shown)), RULES).reasons[0] for shown in (990, 1_000))
    assert sentences.harmed_sentence(texts, little) == texts("verdict.harmed_seller")
    assert sentences.harmed_sentence(texts, exact) == ""
    said = texts("verdict.too_little", error=sentences.grams(texts, 10_000))
    assert said in sentences.point_sentence(texts, little, 1)


@BOTH
def test_every_ground_of_a_verdict_is_told_with_its_figures(texts: Texts) -> None:
    check = a_check((1_000, 1_000), (5_000, 5_010), (10_000, 10_012), (12_000, 12_050))
    told = [sentences.reason_sentence(texts, reason, 5_000) for reason in judge(check, RULES).reasons]
    assert all("{" not in sentence for sentence in told)
    assert sentences.grams(texts, 2_000) not in told[0]
    assert "10.012" in sentences.point_sentence(texts, judge(check, RULES).reasons[2], 5_000)
    assert "+50" in told[3]
    assert sentences.grams(texts, 35_000) in told[3], "12 kg may err by 15 g: 35 g too many"


@BOTH
def test_a_wrong_zero_is_told_with_its_limit(texts: Texts) -> None:
    verdict = judge(a_check((0, 25), (1_000, 1_000), (5_000, 5_000), (10_000, 10_000)), RULES)
    zero = verdict.reasons[0]
    assert f"±{sentences.grams(texts, 5_000)}" in sentences.reason_sentence(texts, zero, 5_000)
    assert sentences.verdict_sentence(texts, verdict, 5_000) == sentences.point_sentence(texts, zero, 5_000)


@BOTH
def test_the_sentence_under_a_verdict_is_its_worst_point_or_what_is_missing(texts: Texts) -> None:
    beyond, few = judge(a_check(), RULES), judge(a_check((1_000, 1_500)), RULES)
    worst = sentences.point_sentence(texts, beyond.reasons[-1], 5_000)
    assert sentences.verdict_sentence(texts, beyond, 5_000) == worst
    assert sentences.verdict_sentence(texts, few, 5_000) == texts("reason.too_few_points", value=1, limit=3)
    nowhere = judge(a_check(), rules_on(TODAY.replace(year=1970)))
    assert sentences.verdict_sentence(texts, nowhere, 5_000) == texts("reason.no_rule")
    change = parse_instant("2017-05-25T00:00:00Z").date()
    unclear = judge_between(a_check(), change - timedelta(days=1), change)
    assert sentences.verdict_sentence(texts, unclear, 5_000) == texts("reason.rule_changes")


@BOTH
def test_every_label_verdict_has_its_words(texts: Texts) -> None:
    told = {sentences.label_sentence(texts, verdict, None, TODAY) for verdict in LabelVerdict}
    assert len(told) == len(LabelVerdict)


@BOTH
def test_a_stale_label_says_what_is_stale(texts: Texts) -> None:
    listed, day = a_revocation_list(), a_revocation_list().issued
    old = sentences.label_sentence(texts, LabelVerdict.GENUINE_STALE, listed, day + timedelta(days=8))
    assert old == texts("label.genuine_stale", days=8)
    fresh = sentences.label_sentence(texts, LabelVerdict.GENUINE_STALE, listed, day + timedelta(days=STALE_AFTER_DAYS))
    assert fresh == texts("label.genuine_keys_stale"), "the list is fresh: it is the key set that is past its next"
    never = sentences.label_sentence(texts, LabelVerdict.GENUINE_STALE, None, day)
    assert never == texts("label.genuine_never_updated")


MISTAKES: list[Callable[[], object]] = [
    lambda: quantities.mass_mg("ten"),
    lambda: quantities.mass_mg("1", "lb"),
    lambda: quantities.mass_mg("0.0000001"),
    lambda: quantities.money_fen("0.001"),
    lambda: quantities.shown_mg("-1", unit="kg", d_mg=5_000, e_mg=5_000, max_mg=15_000_000),
    lambda: quantities.shown_mg("1.001", unit="kg", d_mg=5_000, e_mg=5_000, max_mg=15_000_000),
    lambda: quantities.shown_mg("16", unit="kg", d_mg=5_000, e_mg=5_000, max_mg=15_000_000),
    lambda: quantities.load_mg("0", unit="kg", max_mg=15_000_000),
    lambda: quantities.load_mg("16", unit="kg", max_mg=15_000_000),
    lambda: permissible_error(a_scale(), 16_000_000, RULES, in_service=True),
    lambda: permissible_error(a_scale(accuracy_class="V"), 1, RULES, in_service=True),
    lambda: propose_loads(a_scale(), [1_000_000] * 25, RULES),
    lambda: parse_instant("now"),
    lambda: parse_short_code("AAAAAAAA0"),
    lambda: open_seal("https://example.test", a_key_set(), None, TODAY),
    lambda: a_key_set(seq=-1),
    lambda: a_revocation_list(seq=-1),
    lambda: shortage_limit("food_1", 0, RULES),
    lambda: shortage_limit("food_1", 25_000_001, RULES),
    lambda: tiers_for(Goods.FRUIT, 0, RULES),
    lambda: chosen_tier(Sale(goods=Goods.OTHER_FOOD, settled_mg=1), RULES),
    lambda: chosen_tier(Sale(goods=Goods.FRUIT, settled_mg=1, price_fen=3_200), RULES),
    lambda: chosen_tier(Sale(goods=Goods.FRUIT, settled_mg=1, price_fen=3_200, tier="food_2"), RULES),
    lambda: refuse_bad_readings(EqualScale(a_scale(), 0)),
    lambda: refuse_bad_readings(EqualScale(a_scale(), 1_000_000, 1_000_000)),
    lambda: try_phone(Phone(0), a_scale(), 200_000, RULES),
    lambda: quantity("1", "lb"),
    lambda: quantity("-1", "g"),
    lambda: allowed_shortage(Package(quantity("0", "g")), RULES),
    lambda: allowed_shortage(Package(quantity("51", "kg")), RULES),
    lambda: allowed_shortage(Package(quantity("1", "kg"), is_drained=True), RULES),
    lambda: judge_mark(Mark(Package(quantity("1", "kg")), "kg", height_um=-1_000), RULES),
    lambda: plan_for(0, RULES),
    lambda: judge_lot(Lot(package=Package(quantity("1", "kg")), size=2, contents=(1,) * 3, doubt=0), RULES),
    lambda: draw_sample(3, 4, "seed"),
    lambda: draw_sample(3, 2, " seed"),
    lambda: net_of_each(Package(quantity("1", "L")), [1], [1]),
    lambda: net_of_each(Package(quantity("1", "kg")), [1_000], [2_000]),
    lambda: net_of_each(Package(quantity("1", "kg")), [1_000], []),
    lambda: net_by_mean(Package(quantity("1", "kg")), [1_000], [], RULES),
    lambda: net_by_mean(Package(quantity("1", "kg")), [1_000], [0, 10**6] * 13, RULES),
]


@BOTH
@pytest.mark.parametrize("mistake", MISTAKES, ids=range(len(MISTAKES)))
def test_every_mistake_is_told_with_what_was_typed(mistake: Callable[[], object], texts: Texts) -> None:
    with pytest.raises(RuleError) as caught:
        mistake()
    sentence = sentences.error_sentence(texts, caught.value)
    assert "{" not in sentence
    assert str(caught.value.values.get("text", "")) in sentence


def test_the_mistakes_above_are_all_there_are() -> None:
    met = set()
    for mistake in MISTAKES:
        with pytest.raises(RuleError) as caught:
            mistake()
        met.add(type(caught.value))
    assert met == set(errors.RuleError.__subclasses__())


@BOTH
def test_a_missing_key_or_placeholder_raises(texts: Texts) -> None:
    for key, values in [("no.such", {}), ("error.too_fine", {}), ("error.too_fine", {"text": "1"})]:
        with pytest.raises(KeyError):
            texts(key, **values)


def test_what_a_person_typed_is_never_taken_for_a_placeholder() -> None:
    assert "{smallest}" in ZH("error.too_fine", text="{smallest}", smallest="mg")


def test_two_catalogues_never_share_a_key() -> None:
    with pytest.raises(KeyError, match="two catalogues"):
        load("en", "shared")


def test_every_word_of_a_verdict_is_in_the_catalogue() -> None:
    assert all(ZH.messages[f"verdict.{code}"] for code in Code)
    assert all(ZH.messages[f"reason.{code}"] for code in ReasonCode)
