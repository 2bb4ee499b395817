"""Members of the shipped ensembles: each is a recipe of its own, and those that no other file has train a step."""

from dataclasses import replace

import pytest

from fat_tf import config
from fat_tf.parts import name_of
from fat_tf.training import part_check
from fat_tf.training.ensemble import Ensemble, Member, recipe_of

MEMBERS = {
    "ensemble.gin": 15,
    "strategies.gin": 10,
    "beyond_ablation.gin": 58,
    "beyond_screen.gin": 11,
    "rounds.gin": 3,
}
SMALL = ["WIDTH=2", "FrontEnd.window_seconds=0.5", "Recipe.precision='float32'"]
OWN_PARTS = {  # members that have a part which no other file has; screens have half of theirs each
    "beyond_ablation.gin": "added bootstrapping cross_fade curated_between curated_gain curated_overlay curated_shift "
    "focal head lq lsep masked mixstyle ramp swa trimmed union",
    "beyond_screen.gin": "screen_01 screen_02",
}


def members_of(name: str) -> tuple[Ensemble, list[Member]]:
    """An ensemble, and its members with its first seed."""
    config.load([name])
    ensemble = config.make("Ensemble")
    return ensemble, ensemble.runs[:: max(1, len(ensemble.seeds))]


@pytest.mark.parametrize("name, number", MEMBERS.items())
def test_every_member_of_an_ensemble_is_a_recipe_of_its_own(name, number):
    ensemble, members = members_of(name)
    texts = set()
    for member in members:
        recipe_of(ensemble, member)
        texts.add(config.parsed())
    assert len(texts) == len(members) == number


@pytest.mark.parametrize(
    "name, steps", [("strategies.gin", 600), ("beyond_ablation.gin", 1000), ("beyond_screen.gin", 1000)]
)
def test_members_that_are_compared_have_equal_steps_and_one_model(name, steps):
    ensemble, members = members_of(name)
    for member in members:
        recipe = recipe_of(ensemble, member)
        assert sum(stage.steps for stage in recipe.stages if stage.name != "refit") == steps, member
        assert name_of(recipe.model) == "m1" and "\nWIDTH = 16\n" in config.parsed(), member


@pytest.mark.slow
@pytest.mark.parametrize("name, member", [(name, member) for name in OWN_PARTS for member in OWN_PARTS[name].split()])
def test_a_member_trains_a_step_of_each_stage_and_is_saved(name, member, monkeypatch):
    monkeypatch.setattr(part_check, "_is_known", lambda part, room: False)  # whose parts are known, and not looked at
    ensemble, members = members_of(name)
    recipe = recipe_of(ensemble, next(each for each in members if each.name.startswith(member)), SMALL)
    stages = tuple(stage for stage in recipe.stages if stage.name != "refit")
    part_check.check_parts(replace(recipe, stages=stages, scorer_stages=()), 5)
