"""What all statistics with a table pick from the rows, and what is said of CDC's limits."""

import polars as pl
import pytest
from scipy.special import expit, logit

from app.datasets.years import span
from app.methods.estimates import Period, estimates, latest, matching, periods
from app.statistics.wording import listed, quantity
from unittests.helpers.data import cdc_cut, release
from unittests.helpers.rows import Row, made, row


def test_limits_of_cdc_are_even_about_the_estimate_on_the_logit_scale() -> None:
    rows = cdc_cut().estimates
    low, high, value = (rows[name].to_numpy() / 100 for name in ("low", "high", "value"))
    middle = expit((logit(low) + logit(high)) / 2)
    least = 0.001 + 1e-9  # figures have one decimal, so that many are off by this very much
    assert (abs(middle - value) <= least).all()
    even = abs((low + high) / 2 - value)
    assert 0.93 < (even <= least).mean() < 0.95


def test_as_many_limits_are_even_about_the_estimate_in_percent_as_the_docs_say() -> None:
    rows = release().estimates.filter(pl.col("category") == "Sex", pl.col("value").is_not_null())
    low, high, value = (rows[name].to_numpy() for name in ("low", "high", "value"))
    away = abs((low + high) / 2 - value)
    assert rows.height == 7368
    assert (away <= 0.1 + 1e-9).mean() == pytest.approx(0.935, abs=5e-4)
    assert away.max() == pytest.approx(1.2)


def test_a_cell_of_one_row_is_that_row_and_of_several_their_mean() -> None:
    rows = [row("Ohio", 30.0), row("Utah", 20.0), row("Utah", 25.0), Row("Iowa", value=None)]
    found = estimates(made(rows).estimates, "state").to_dicts()
    assert [(one["state"], one["value"], one["rows"]) for one in found] == [
        ("Ohio", 30.0, 1),
        ("Utah", 22.5, 2),
    ]
    assert (found[0]["low"], found[0]["high"], found[0]["sample_size"]) == (29.0, 31.0, 1000)
    assert {found[1][name] for name in ("low", "high", "error", "sample_size")} == {None}


def test_rows_are_found_by_any_names_and_unknown_names_find_none() -> None:
    data = made([row("Ohio", 30.0), row("Utah", 20.0), row("Iowa", 25.0)])
    assert matching(data, state=["Utah", "Ohio", "Mars"])["record"].to_list() == [1, 2]
    assert matching(data, state="Mars").height == 0
    assert matching(data, state=None, stratum="Total").height == 3


def test_single_years_go_before_periods_and_half_is_enough() -> None:
    rows = [row(state, 30.0, year=2020) for state in ("Ohio", "Utah", "Iowa")]
    rows += [
        row("Ohio", 30.0, year=2021),
        row("Utah", 30.0, year=2021),
        row("Ohio", 3.0, year=2022),
    ]
    whole = [row(state, 30.0, year=2015, until=2025) for state in ("Ohio", "Utah")]
    found = periods(made([*rows, *whole]).estimates, "state", "stratum", 1)
    assert latest(found) == Period(2021, 2021)
    alone = periods(made(whole).estimates, "state", "stratum", 1)
    assert latest(alone).text == "2015-2025"
    just_half = [row("Iowa", 30.0, year=2020), row("Ohio", 30.0, year=2021)]
    assert latest(periods(made(just_half).estimates, "state", "stratum", 1)) == Period(2021, 2021)
    scattered = {Period(year, year): {name} for name, year in zip("abc", (1, 2, 3), strict=True)}
    assert latest(scattered) == Period(3, 3)


def test_words() -> None:
    assert listed(["Ohio"]) == "Ohio"
    assert listed(["Guam", "Iowa", "Ohio"]) == "Guam, Iowa and Ohio"
    assert listed([str(n) for n in range(62)]).endswith(", 59 and 2 more")
    assert (span(2011, 2011), span(2011, 2013)) == ("2011", "2011-2013")
    assert quantity("Is it?") == '"Is it?"'
