"""Answers in a sentence: what they say of lines, breaks, extremes and groups that is not sure."""

import re
from typing import Any

import pytest

from unittests.helpers.data import release
from unittests.helpers.registry import TABLE_STATISTICS
from unittests.helpers.rows import made, row
from unittests.helpers.statistics import in_words
from unittests.statistics.test_in_words import told


def test_a_line_that_the_years_leave_is_an_average() -> None:
    texas: dict[str, Any] = {"question": "Q036", "state": "Texas"}
    assert told("trend", **texas) == (
        "From 2011 to 2023, in Texas, the share of adults who had obesity rose, on average by 0.52 "
        "percentage points a year (0.40-0.63): it went from 30.4 % to 34.4 %, a change of 4.0 "
        "percentage points (1.8-6.2)."
    )
    ohio: dict[str, Any] = {"question": "Q036", "state": "Ohio"}
    assert told("trend", **ohio).endswith("(5.0-8.6); the years do not follow a straight line.")
    assert told("trend", "ro", **ohio).endswith(
        "(5,0-8,6); valorile din acești ani nu urmează o linie dreaptă."
    )
    # The slope says which way a fall goes, and is clear there: so it has no minus.
    falling = told("trend", question="Q037", state="Oklahoma")
    assert "fell, on average by 0.28 percentage points a year (0.17-0.39)" in falling
    # A bend is told where the years do not follow a line, and with a doubt.
    virginia: dict[str, Any] = {"question": "Q036", "state": "Virginia"}
    assert ", perhaps with a bend in 2013 (chosen from the same data): it" in told(
        "trend", **virginia
    )
    assert "poate cu o schimbare de ritm în 2013 (aleasă din aceleași date)" in told(
        "trend", "ro", **virginia
    )
    colorado = told("trend", question="Q037", state="Colorado")
    assert "bend" not in colorado


def test_what_came_since_a_bend_is_told_where_all_years_did_otherwise() -> None:
    texas: dict[str, Any] = {"question": "Q036", "state": "Texas", "stratum": "Hispanic"}
    assert told("trend", **texas).endswith(
        "(\u22122.7 to 5.7). Since 2021, perhaps a bend (the year is chosen from the same data), "
        "it fell by 6.8 % of its value a year (2.2-11.2): that is less sure than its limits say."
    )
    assert told("trend", "ro", **texas).endswith(
        "Din 2021, poate o schimbare de ritm (anul este ales din aceleași date), a scăzut cu 6,8 % "
        "din valoarea sa pe an (2,2-11,2): mai puțin sigur decât spun limitele."
    )
    nevada = told("trend", question="Q037", state="Nevada")
    assert "showed no clear change, on average \u22120.09" in nevada
    assert "Since 2017, perhaps a bend" in nevada
    assert "it fell by 1.7 % of its value a year (0.5-2.9)" in nevada
    rose = told("trend", question="Q047", state="Texas", stratum="Hispanic")
    assert "fell, on average by 0.48" in rose
    assert "it rose by 7.0 % of its value a year (1.0-13.3)" in rose
    # Unclear since then: only where the years do not follow a line.
    nation = told("trend", question="Q036", state="US", stratum="Hispanic")
    assert (
        "it showed no clear change: \u22121.6 % of its value a year (\u22123.3 to 0.1)." in nation
    )
    assert "Since" not in told("trend", question="Q036", state="Mississippi")


def test_limits_that_leave_out_0_are_told_not_to_be_those_of_the_direction() -> None:
    montana: dict[str, Any] = {"question": "Q037", "state": "Montana"}
    assert (
        "no clear change, on average \u22120.12 percentage points a year (\u22120.22 to "
        "\u22120.01; not clear by the limits of 97.5 % that each of two tests goes by)"
        in told("trend", **montana)
    )
    assert (
        "(de la \u22120,22 la \u22120,01; neclar după limitele de 97,5 % ale fiecăruia dintre cele "
        "două teste)" in told("trend", "ro", **montana)
    )
    jersey = told("trend", question="Q037", state="New Jersey")
    assert (
        "a change of \u22121.9 percentage points (\u22123.8 to 0.0; not clear by the limits"
        in jersey
    )
    years = {"from": 2021, "to": 2023}
    together: dict[str, Any] = {"question": "Q036", "state": ["TN", "UT"], "years": years}
    assert "2.6 percentage points (0.0-5.2; not clear among all that are tested together)" in told(
        "change", **together
    )
    assert "(0,0-5,2; neclar între toate cele testate împreună)" in told("change", "ro", **together)
    method = TABLE_STATISTICS["trend"].answer(TABLE_STATISTICS["trend"].ask(montana, release()))[
        "about"
    ]["method"]
    assert "each at 0.025, as if by limits of 97.5 %" in method


def test_what_is_too_imprecise_is_no_finding() -> None:
    other: dict[str, Any] = {"question": "Q036", "state": "OH", "stratum": "Other"}
    for statistic in ("change", "trend"):
        assert told(statistic, **other).endswith(
            "changed cannot be told: estimates are too imprecise for it."
        )
    asian = {"state": "IA", "stratum": "Asian", "year": 2023}
    weak: dict[str, Any] = {"question": "Q036", "where": asian, "method": "sample_weighted"}
    assert told("query", **weak).endswith(
        "too imprecise to be shown) of adults in Iowa had obesity."
    )
    native: dict[str, Any] = {"question": "Q036", "stratum": "American Indian/Alaska Native"}
    assert "the first or the last is too imprecise to be named" in told("ranking", **native)


def test_years_that_are_perhaps_not_comparable_are_not_held_together() -> None:
    fruit: dict[str, Any] = {"question": "Q018", "where": {"state": "OH", "year": 2021}}
    assert "not clearly different from 42.7 % in 2019" in told("query", **fruit)
    by_year: dict[str, Any] = {"question": "Q043", "where": {"state": "OH"}, "group_by": ["year"]}
    assert told("query", **by_year).endswith(
        "These years are perhaps not comparable: see the warnings."
    )


def test_who_is_in_no_group_of_income_is_told() -> None:
    income: dict[str, Any] = {"question": "Q036", "category": "Income", "year": 2023}
    apart = 'Of those asked, 42 % are in none of these groups, and counted in "All adults" alone.'
    unequal, far = told("inequality", **income), told("disparity", **income)
    assert apart in unequal
    assert apart in far
    assert "index of disparity" not in unequal
    assert far.endswith(
        'the group "$75,000 or greater" seems to hold less than the highest incomes: $75,000 to '
        "less than $100,000."
    )
    assert "Din 2021, grupul „75.000 $ sau mai mult” pare" in told("disparity", "ro", **income)
    before = told("disparity", **{**income, "year": 2020})
    assert "seems to hold" not in before


@pytest.mark.parametrize("statistic", ["trend", "change"])
def test_across_a_break_no_direction_is_told(statistic: str) -> None:
    body: dict[str, Any] = {"question": "Q043", "state": "Ohio", "across_breaks": True}
    body["years"] = {"from": 2011, "to": 2023}
    english = told(statistic, **body)
    assert "no direction is told. These years are perhaps not comparable" in english
    assert not re.search("rising|falling|rose|fell|clear", english)
    assert not re.search("creștere|scădere|crescut|scăzut|clar", told(statistic, "ro", **body))
    within = told("trend", question="Q043", state="Ohio")
    assert "From 2011 to 2019" in within
    assert within.endswith("Left out, as perhaps not comparable: 2023.")


@pytest.mark.parametrize("statistic", ["trend", "change"])
def test_a_direction_across_a_break_that_is_only_told_may_be_of_the_survey(statistic: str) -> None:
    english = (
        "Years before 2019 and from 2019 on are perhaps not comparable: a change may be of the "
        "survey, not of the people."
    )
    assert told(statistic, question="Q018", state="Ohio").endswith(english)
    assert english in told(statistic, question="Q018")
    assert told(statistic, "ro", question="Q018", state="Ohio").endswith(
        "Anii dinainte de 2019 și cei începând cu 2019 poate nu se pot compara: o schimbare poate "
        "ține de sondaj, nu de oameni."
    )
    later = told(statistic, question="Q018", state="Ohio", years={"from": 2019})
    assert "perhaps" not in later
    # Where no direction is told, there is none to doubt.
    bare = made([row("Ohio", 30.0, None, question="Q018", year=year) for year in (2017, 2019)])
    unknown = in_words(TABLE_STATISTICS[statistic], bare, question="Q018", state="Ohio")
    assert "no direction is told." in unknown
    assert "perhaps" not in unknown


def test_which_year_alone_has_an_estimate() -> None:
    body: dict[str, Any] = {"question": "Q036", "state": ["ME", "AL"], "stratum": "Asian"}
    english = told("trend", **body)
    assert "cannot be told: 2023 alone has an estimate, 18.4 % (7.8-37.6; too impr" in english
    assert 'in Alabama, in the group "Asian", whether' in english
    assert "cannot be told: no year has an estimate." in english
    romanian = told("trend", "ro", **body)
    assert "numai 2023 are o estimare, 18,4 % (7,8-37,6; prea puțin precis" in romanian
    assert "niciun an nu are o estimare." in romanian


def test_of_years_that_are_not_comparable_one_may_be_left() -> None:
    body: dict[str, Any] = {"question": "Q043", "state": "OH", "years": [2019, 2023]}
    assert told("trend", **body).endswith(
        "cannot be told: the years are perhaps not comparable with each other, and of the latest "
        "that are, 2023 alone has an estimate, 58.0 % (56.7-59.3). Left out, as perhaps not "
        "comparable: 2019."
    )
    assert "iar dintre cei mai recenți care se pot compara numai 2023 are" in told(
        "trend", "ro", **body
    )


@pytest.mark.parametrize("statistic", ["trend", "change"])
def test_that_no_direction_is_told_is_no_finding_of_no_change(statistic: str) -> None:
    body: dict[str, Any] = {
        "question": "Q043",
        "years": {"from": 2019, "to": 2023},
        "across_breaks": True,
    }
    english = told(statistic, **body)
    assert (
        "is told of any of the 54 places: these years are perhaps not comparable. From" in english
    )
    assert "did not clearly change" not in english
    romanian = told(statistic, "ro", **body)
    assert (
        "în niciunul dintre locurile din răspuns (54): acești ani poate nu se pot compara."
        in romanian
    )
    bare = made(
        [
            row(state, 30.0, None, question="Q018", year=year)
            for state in ("Iowa", "Ohio", "Texas", "Utah")
            for year in (2019, 2021)
        ]
    )
    assert "is told of any of the 4 places: they lack an estimate or its standard error." in (
        in_words(TABLE_STATISTICS[statistic], bare, question="Q018")
    )


def test_the_two_extremes_of_several_groups_are_told_as_such() -> None:
    body: dict[str, Any] = {"question": "Q036", "state": "OH", "year": 2023}
    race = {**body, "category": "Race/Ethnicity", "reference": "Non-Hispanic White"}
    english = told("disparity", **race)
    assert 'Black", 42.3 % (37.8-46.9), a gap of 6.0 percentage points (1.3-10.7; not' in english
    assert (
        '(the two extremes of 6 groups of "Race/Ethnicity", all gaps tested together).' in english
    )
    romanian = told("disparity", "ro", **race)
    assert (
        "(cele două extreme dintre grupurile din „Rasa și etnia”: 6, toate diferențele testate "
        "împreună)" in romanian
    )
    # Of two, there is nothing to choose; of gaps from the best, nothing is tested.
    assert '(the groups of "Sex", all gaps tested together).' in told(
        "disparity", **body, category="Sex"
    )
    best = told("disparity", **{**race, "reference": "best"})
    assert '(the two extremes of 6 groups of "Race/Ethnicity").' in best


def test_the_widest_gap_is_one_of_many_and_precise() -> None:
    body: dict[str, Any] = {"question": "Q036", "category": "Race/Ethnicity", "year": 2023}
    several = {**body, "state": ["UT", "VT", "WY", "OH"]}
    english = told("disparity", **several)
    assert '"Asian" from "All adults" in Ohio: 14.9 % (8.7-24.4) and 36.4 %' in english
    assert (
        "Being the widest of 18 gaps, it is probably overstated. Gaps left out here, as too "
        "imprecise to be shown: 5." in english
    )
    assert (
        "Fiind cea mai mare dintre mai multe diferențe (18), este probabil supraestimată. "
        "Diferențe lăsate deoparte aici, ca prea puțin precise pentru a fi prezentate: 5."
        in told("disparity", "ro", **several)
    )
    # A gap is no more precise than what it is measured from.
    black = told("disparity", **{**body, "state": ["UT", "WA"]}, reference="Non-Hispanic Black")
    assert "in Washington: " in black
    none = {**body, "state": ["ME", "VT"], "reference": "Asian"}
    assert "no gap in the share of adults who had obesity between" in told("disparity", **none)
    assert "nu este destul de precisă" in told("disparity", "ro", **none)
    utah = told("disparity", **body, state="UT")
    assert 'highest in the group "American Indian/Alaska Native", 37.1 % (25.8-49.9)' in utah
    assert (
        'Left out here, as too imprecise to be shown: "Non-Hispanic Black" and "Hawaiian/Pacific '
        'Islander".' in utah
    )


def test_the_highest_of_a_query_is_precise() -> None:
    body: dict[str, Any] = {
        "question": "Q036",
        "method": "sample_weighted",
        "group_by": ["stratum"],
        "where": {"state": "Utah", "year": 2023, "category": "Race/Ethnicity"},
    }
    english = told("query", **body)
    assert "of the 5 estimates" in english
    assert "the highest is 37.1 % (25.8-49.9), of" in english
    assert "Rows left out here, as too imprecise to be shown: 2." in english
    assert "prea puțin precise pentru a fi prezentate: 2." in told("query", "ro", **body)
    body["where"] = {"state": "Maine", "year": 2023, "stratum": ["Asian", "Hispanic"]}
    assert (
        "one value alone in this answer tells the share of adults who had obesity: 32.2 %"
        in told("query", **body)
    )
    assert "o singură valoare din acest răspuns arată" in told("query", "ro", **body)


def test_the_few_without_an_estimate_are_named_with_the_reason() -> None:
    body: dict[str, Any] = {
        "question": "Q036",
        "group_by": ["state"],
        "where": {"state": ["Ohio", "Kentucky"], "year": 2023},
    }
    assert told("query", **body).endswith("Without an estimate: Kentucky (CDC released nothing).")
    assert told("query", "ro", **body).endswith("Kentucky (CDC nu a publicat nimic).")


def test_indexes_are_compared_where_they_are_made_of_the_same_groups() -> None:
    race: dict[str, Any] = {"question": "Q036", "category": "Race/Ethnicity", "year": 2023}
    apart = {**race, "state": ["UT", "VT", "WY", "OH"]}
    english = told("inequality", **apart)
    assert 'the groups of "Race/Ethnicity" that have an estimate clearly differ in' in english
    assert "which index of disparity is widest is not told, for they are made of" in english
    assert "căci indicii sunt calculați din grupuri diferite" in told("inequality", "ro", **apart)
    some = {**race, "state": ["WA", "US", "UT", "OH"]}
    assert (
        "of the 2 places with an estimate of each group, the index of disparity is widest in "
        "Washington, 27.4 %" in told("inequality", **some)
    )
    assert "dintre locurile cu o estimare pentru fiecare grup (2)" in told(
        "inequality", "ro", **some
    )
    whole: dict[str, Any] = {
        "question": "Q018",
        "category": "Education",
        "state": ["OH", "TX", "IA"],
    }
    assert told("inequality", **whole).endswith(
        "the index of disparity is widest in Ohio, 10.3 % (6.5-14.9), and narrowest in Texas, 2.6 "
        "% (0.0-8.2). Being the ends of 3 indexes, these are probably too far apart."
    )
    assert told("inequality", "ro", **whole).endswith("sunt probabil prea depărtate între ele.")


def test_groups_that_are_told_apart_are_those_with_an_estimate() -> None:
    vermont: dict[str, Any] = {"question": "Q036", "category": "Race/Ethnicity", "state": "VT"}
    vermont["year"] = 2023
    assert told("inequality", **vermont).startswith(
        'In 2023, in Vermont, the 5 groups of "Race/Ethnicity" (of 8) that have an estimate do not '
        "clearly differ in the share of adults who had obesity; "
    )
    assert told("inequality", "ro", **vermont).startswith(
        "În 2023, în Vermont, cele 5 grupuri din „Rasa și etnia” care au o estimare (din 8) nu "
        "diferă clar în ponderea adulților care aveau obezitate; "
    )


def test_a_comparison_tells_the_years_of_its_questions() -> None:
    nation: dict[str, Any] = {"states": ["Ohio", "US"]}
    assert told("compare", "ro", **nation).startswith(
        "În ultimul an al fiecărei întrebări (2021 sau 2023), dintre întrebări (9), în Ohio era "
        "clar mai bine la 0, iar în Statele Unite la 4 (Fructe mai rar decât o dată pe zi; "
    )
    assert told("compare", "ro", **nation).count("; la 5 nu era nicio diferență clară.") == 1
    one = told("compare", **nation, year=2021)
    assert one.startswith("In 2021, Ohio was clearly better than the United States on ")


def test_against_the_others_tells_only_whom_there_are() -> None:
    body: dict[str, Any] = {"question": "Q036", "state": "WV", "year": 2023}
    assert "(48) it was clearly above 43 and not clearly different from 5." in told(
        "against", **body
    )
    assert (
        "dintre celelalte state și Districtul Columbia (48), era clar peste 43 și fără diferență "
        "clară față de 5." in told("against", "ro", **body)
    )
    bare = made([row(state, 30.0, None) for state in ("Ohio", "Iowa", "Utah")])
    against = TABLE_STATISTICS["against"]
    asked: dict[str, Any] = {"question": "Q036", "state": "Ohio"}
    assert in_words(against, bare, **asked).startswith(
        "In 2020, 30.0 % (no interval; to be read with caution) of adults in Ohio had obesity; how "
        "it differs from the other states (2) cannot be told, for "
    )
    assert "căci lipsesc erorile standard." in in_words(against, bare, "ro", **asked)


def test_nobody_is_one_of_the_others() -> None:
    for state, others, english, romanian in (
        ("DC", "states", "of the states (48) it", "dintre state (48), era"),
        (
            "DC",
            "places",
            "of the states and the territories (51) it",
            "dintre state și teritorii (",
        ),
        (
            *("Guam", "places"),
            "of the states, the District of Columbia and the other territories (51) it",
            "dintre state, Districtul Columbia și celelalte teritorii (51), era",
        ),
        (
            *("US", "states"),
            "of the states and the District of Columbia (49) it",
            "dintre state și Districtul Columbia (49), era",
        ),
        (
            *("Ohio", "places"),
            "of the other states, the District of Columbia and the territories (51) it",
            "dintre celelalte state, Districtul Columbia și teritorii (51), era",
        ),
    ):
        body: dict[str, Any] = {"question": "Q036", "state": state, "others": others, "year": 2023}
        about = TABLE_STATISTICS["against"].answer(TABLE_STATISTICS["against"].ask(body, release()))
        assert f"; {english}" in about["about"]["answer"], (state, others)
        assert f"; {romanian}" in about["about"]["answer_ro"], (state, others)


def test_the_rank_of_one_place_has_limits_of_its_own() -> None:
    romanian = told("ranking", "ro", question="Q036", state="VI", year=2023)
    assert "(locuri plauzibile, calculate numai pentru Insulele Virgine: " in romanian


def test_of_what_there_is_no_estimate() -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        (
            {
                "method": "sample_weighted",
                "group_by": ["stratum"],
                "where": {"state": "AL", "year": 2023, "stratum": ["Asian", "Other"]},
            },
            "In 2023, in Alabama, there is no estimate of the share of adults who had obesity for "
            '"Asian" and "Other" (withheld, for too small a sample).',
            "În 2023, în Alabama, ponderea adulților care aveau obezitate nu are nicio estimare "
            "pentru „Asiatici” și „Altele” (nepublicată, pentru că au fost întrebați prea puțini "
            "oameni).",
        ),
        (
            {"group_by": ["state"], "where": {"state": ["KY", "PA"], "year": 2023}},
            "In 2023, there is no estimate of the share of adults who had obesity for Kentucky and "
            "Pennsylvania (CDC released nothing).",
            "În 2023, ponderea adulților care aveau obezitate nu are nicio estimare pentru "
            "Kentucky și Pennsylvania (CDC nu a publicat nimic).",
        ),
        (
            {"method": "median", "where": {"state": ["KY", "PA"], "year": 2023}},
            "In 2023, there is no estimate of the share of adults who had obesity for Kentucky and "
            "Pennsylvania (CDC released nothing).",
            "În 2023, ponderea adulților care aveau obezitate nu are nicio estimare pentru "
            "Kentucky și Pennsylvania (CDC nu a publicat nimic).",
        ),
    ]
    for body, english, romanian in cases:
        assert told("query", question="Q036", **body) == english, body
        assert told("query", "ro", question="Q036", **body) == romanian, body


@pytest.mark.parametrize("statistic", ["disparity", "inequality"])
@pytest.mark.parametrize("states", [["OH", "KY"], ["OH", "TX", "KY"]])
def test_a_place_that_is_named_and_has_no_strata_is_told(statistic: str, states: list[str]) -> None:
    body: dict[str, Any] = {"question": "Q036", "category": "Sex", "state": states, "year": 2023}
    assert "Without an estimate: Kentucky (CDC released nothing)." in told(statistic, **body)
    assert "Fără estimare: Kentucky (CDC nu a publicat nimic)." in told(statistic, "ro", **body)


def test_years_beyond_a_limit_are_not_held_against_those_that_are_shown() -> None:
    body: dict[str, Any] = {"question": "Q043", "group_by": ["year"], "where": {"state": "OH"}}
    assert "These years are perhaps not comparable" in told("query", **body)
    assert "comparable" not in told("query", **body, limit=2)


def test_a_part_of_a_category_is_called_by_its_own_name() -> None:
    body: dict[str, Any] = {"question": "Q036", "group_by": ["category"]}
    where = {"stratum": ["Male", "Asian"], "state": "Ohio", "year": 2023}
    said = told("query", **body, where=where)
    assert 'the highest is 35.8 % (34.1-37.6), of "Men", and the lowest' in said
    assert 'of "Asian"' in said
    whole = told("query", **body, where={"category": "Sex", "state": "Ohio", "year": 2023})
    assert whole.startswith("In 2023, 36.4 % (35.2-37.7) of adults in Ohio")


def test_extremes_that_are_equal_are_all_named() -> None:
    body: dict[str, Any] = {"question": "Q044", "category": "Age (years)", "state": "Texas"}
    assert 'and lowest in the group "55 - 64" and "65 or older", 12.4 % (' in told(
        "disparity", year=2013, **body
    )


def test_where_all_are_equal_none_is_the_highest() -> None:
    body: dict[str, Any] = {"question": "Q036", "category": "Sex", "year": 2023}
    for more in ({}, {"reference": "best"}):
        assert told("disparity", **body, **more, state="NE") == (
            "In 2023, in Nebraska, the share of adults who had obesity was the same in the groups "
            '"Men" and "Women", 36.6 %.'
        )
    assert told("disparity", "ro", **body, state="NE").endswith(
        "era aceeași în grupurile „Bărbați” și „Femei”, 36,6 %."
    )
    both: dict[str, Any] = {**body, "state": ["NE", "GU"]}
    assert told("disparity", **both) == (
        "In 2023, each gap in the share of adults who had obesity between the groups of "
        '"Sex" is 0.0 percentage points.'
    )
    assert told("disparity", "ro", **both).endswith("este de 0,0 puncte procentuale.")
    assert told("inequality", **both).endswith(
        "; the index of disparity is the same in Guam and Nebraska, 0.0 %."
    )
    assert "indicele de disparitate este același în Guam" in told("inequality", "ro", **both)
    # Of some that are equally far apart, none is the widest by itself.
    three = told("disparity", **body, state=["NE", "GU", "OH"])
    assert 'that of "Men" from "All adults" in Ohio' in three
    assert '; not clear). As wide: "Women" in Ohio. Being the widest of 6 gaps' in three


def of_made(statistic: str, rows: list[Any], **body: Any) -> str:
    return in_words(TABLE_STATISTICS[statistic], made(rows), question="Q036", **body)


def test_first_place_is_not_plausible_for_one_alone_while_others_are_unknown() -> None:
    known = [row("Ohio", 30.0), row("Texas", 35.0)]
    assert "First place is plausible for Ohio alone." in of_made("ranking", known)
    told = of_made("ranking", [*known, row("Iowa", 33.0, None)])
    assert "First place is plausible for 2 of them: no other place" in told


def test_a_ranking_of_one_place_and_of_equal_ones_has_no_first_and_last() -> None:
    assert of_made("ranking", [row("Ohio", 30.0)]) == (
        "In 2020, Ohio alone can be ranked by the share of adults who had obesity (lower is "
        "better), with 30.0 % (29.0-31.0)."
    )
    assert of_made("ranking", [row("Ohio", 30.0), row("Texas", 30.0)]).startswith(
        "In 2020, all places ranked by the share of adults who had obesity (lower is better), 2 of "
        "them, have 30.0 %. First place is plausible for 2 of them"
    )


def test_that_one_year_alone_is_left_to_compare_is_the_reason_that_is_told() -> None:
    body: dict[str, Any] = {"question": "Q047", "years": {"from": 2013, "to": 2014}}
    assert told("trend", **body).startswith(
        "In 2014, no direction of the share of adults who did no physical activity in their leisure"
        " time is told of any of the 54 places: no other year can be compared with it."
    )
    assert told("trend", "ro", **body).startswith("În 2014, nu se spune nicio direcție pentru")


def test_several_places_without_an_estimate_by_age_have_each_its_reason() -> None:
    ages = ("18 - 24", "25 - 34", "35 - 44", "45 - 54", "55 - 64", "65 or older")
    where = {"state": ["Texas", "Iowa"]}
    rows = [
        row(state, 30.0, category="Age (years)", stratum=age)
        for state, some in (("Texas", ages[:-1]), ("Iowa", ages[1:]))
        for age in some
    ]
    rows += [row(state, 30.0) for state in where["state"]]
    rows.append(row("Texas", None, category="Age (years)", stratum=ages[-1]))
    assert of_made("query", rows, where=where, adjust="age2000").endswith(
        "for Iowa and Texas (some ages have no estimate)."
    )


OVERLAP = "It puts together groups that overlap: the same people count in several of them."
UNEVEN = "It puts groups together, each of which counts the same, however many people are in it."


def test_what_puts_groups_together() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"method": "median", "where": {"category": ["Sex", "Income"]}}, OVERLAP),
        ({"method": "mean", "where": {"stratum": ["Male", "Asian"]}}, OVERLAP),
        ({"method": "median", "group_by": ["year"]}, OVERLAP),
        ({"method": "median", "where": {"category": "Sex"}}, UNEVEN),
        ({"method": "mean", "group_by": ["category"]}, UNEVEN),
        ({"method": "mean", "where": {"stratum": "Male", "year": [2022, 2023]}}, ""),
        ({"method": "sample_weighted", "where": {"category": "Sex"}}, ""),
        ({"method": "median", "group_by": ["stratum"]}, ""),
        ({"adjust": "age2000"}, ""),
    ]
    for body, note in cases:
        where = {"state": "Ohio", "year": 2023} | body.get("where", {})
        english = told("query", question="Q036", **{**body, "where": where})
        assert [one for one in (OVERLAP, UNEVEN) if one in english] == ([note] if note else []), (
            body
        )
        romanian = told("query", "ro", question="Q036", **{**body, "where": where})
        assert ("grupuri care se suprapun" in romanian) == (note == OVERLAP), body
        assert ("iar fiecare contează la fel" in romanian) == (note == UNEVEN), body
