"""What was seen together is a good sign, what was not is a doubt."""

from batcher.core.catalogue import Catalogue
from batcher.core.product import Combination

SEEN = Combination.of({"documentClass": "Card", "layout": "Double", "color": "Full Color", "printOption": "Both sides"})
CATALOGUE = Catalogue(
    combinations={"Card": (SEEN,)},
    options={"Card": {"layout": ("Double", "Single "), "mailClass": ("First Class",)}, "Easy ": {"layout": ("Plain",)}},
    anywhere={"documentClass": ("Flyer",), "layout": ("Folded",), "envelope": ("Best Fit",)},
)


def doubts(**given: str) -> tuple[str, ...]:
    return CATALOGUE.doubts(Combination.of({"documentClass": "Card", **given}))


def test_a_combination_that_was_seen_raises_no_doubt() -> None:
    assert doubts(layout="Double", color="Full Color", printOption="Both sides") == ()
    assert doubts(layout="Double", mailClass="First Class") == ()


def test_an_unseen_combination_names_the_nearest() -> None:
    assert doubts(layout="Single ", color="Full Color") == (
        'this combination was never seen; the nearest has layout "Double" instead of "Single "',
    )


def test_a_value_in_another_spelling_names_the_exact_one() -> None:
    assert doubts(layout="Single") == ('layout "Single": seen was only the spelling "Single "',)


def test_a_value_of_another_class_names_the_most_similar() -> None:
    assert doubts(layout="Doubled", color="Full Color") == (
        'layout "Doubled" was never seen with this class; the most similar is "Double"',
    )


def test_a_class_in_another_spelling_names_the_exact_one() -> None:
    assert doubts(documentClass="easy") == ('documentClass "easy": seen was only the spelling "Easy "',)


def test_an_unknown_class_is_one_doubt() -> None:
    assert doubts(documentClass="Poster", layout="Wide") == ('documentClass "Poster" was never seen',)


def test_of_a_class_known_by_name_only_single_values_are_judged() -> None:
    """Lists of values without a class say that a value exists, and no more."""
    assert doubts(documentClass="Flyer", layout="Folded") == ("this combination was never seen",)
    assert doubts(documentClass="Flyer", layout="Fold") == (
        'layout "Fold" was never seen with this class; the most similar is "Folded"',
    )


def test_without_a_class_there_is_nothing_to_judge() -> None:
    assert CATALOGUE.doubts(Combination.of({"layout": "Wide"})) == ()


def test_classes_come_from_all_lists() -> None:
    assert CATALOGUE.classes() == ("Card", "Easy ", "Flyer")
