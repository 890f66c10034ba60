"""English: what statistics say in it."""

from types import MappingProxyType

from app.statistics.in_words.language import Language

_DID = {
    "Q018": "ate fruit less than once a day",
    "Q019": "ate vegetables less than once a day",
    "Q036": "had obesity",
    "Q037": "were overweight without having obesity",
    "Q043": "did at least 150 minutes of moderate aerobic activity a week (or the equivalent)",
    "Q044": "did at least 150 minutes of moderate aerobic activity a week (or the equivalent) and "
    "muscle strengthening on 2 or more days",
    "Q045": "did at least 300 minutes of moderate aerobic activity a week (or the equivalent)",
    "Q046": "did muscle strengthening on 2 or more days a week",
    "Q047": "did no physical activity in their leisure time",
}

_PHRASES = {
    "and": " and ",
    "or": " or ",
    "quoted": '"{name}"',
    "in_years": "in {years}",
    "from_to": "from {first} to {last}",
    "among_sex": "among {group}",
    "among_age": "among people aged {group}",
    "among_group": 'in the group "{group}"',
    "by_age": "standardised by age",
    "in_place": "in {place}",
    "latest_of_each": "in the latest year of each question ({years}), ",
    "share": "the share of adults who {did}",
    "quantity": "{quantity}",
    "range": "{low}-{high}",
    "range_signed": "{low} to {high}",
    "points": "{number} percentage points",
    "a_year": "{amount} a year",
    "no_interval": "no interval",
    "caution": "to be read with caution",
    "withhold": "too imprecise to be shown",
    "not_clear": "not clear",
    "pooled": "made of {rows} rows",
    "mean_of": "the mean of {estimates} estimates of {share}",
    "median_of": "the median of {estimates} estimates of {share}",
    "estimates": "estimates",
    "means": "means of estimates",
    "medians": "medians of estimates",
    "withheld": "withheld, for too small a sample",
    "not released": "CDC released nothing",
    "no estimate": "why is not known",
    "ages without an estimate": "some ages have no estimate",
    "not used": "there is one, which this method cannot use",
    "nation_lacks": "The figures of {nation} are made without {states}.",
    "states_in": "{states} in {years}",
    "without": "Without an estimate: {named}.",
    "rows_without": "Rows without an estimate: {rows}.",
    "with_reason": "{name} ({reason})",
    "rows_marked": "Rows marked as to be read with caution, or as too imprecise: {rows}.",
    "estimates_marked": "Estimates marked as to be read with caution, or as too imprecise: {rows}.",
    "several_places": "It is of several places together, and no prevalence of the United States.",
    "other_places": "The values are of different places: not all have {places}.",
    "stands": "The estimate of {everyone} stands for each of the {categories} categories.",
    "one_value": "interval as if all estimates were of one value; I² = {i_squared} %",
    "overlap": "It puts together groups that overlap: the same people count in several of them.",
    "uneven": "It puts groups together, each of which counts the same, however many people are in "
    "it.",
    "imprecise": "Left out here, as too imprecise to be shown: {named}.",
    "group": "the group {group}",
    "debatable": "Which way is better is debatable: {named}.",
    # query
    "value": "{when}{figure} of adults in {place} {did}{beside}.",
    "value_of": "{when}{share} was {figure}.",
    "no_value": "{when}there is no estimate of {share}: {reason}.",
    "no_values": "{when}there is no estimate of {share} for {named}.",
    "many": "{when}of the {rows} {kind} of {share} in this answer, the highest is {high_figure},"
    " of {high_label}, and the lowest {low_figure}, of {low_label}; whether they differ is not "
    "tested here.",
    "unreported": "Those of whom nothing is known ({figure}) are left out: they are no group.",
    "all_equal": "{when}all {rows} {kind} of {share} in this answer are {figure}.",
    "only_one": "{when}one value alone in this answer tells {share}: {figure}, of {label}.",
    "several_questions": "The answer has {rows} rows, of several questions: they are not compared.",
    "no_rows": "Nothing in the dataset fits the question.",
    "and_more": "{named} and others",
    # trend, change
    "trend_rising": "{when}{share} rose{line}{bend}: it went from {first} to {last}{steps}{shape}.",
    "trend_falling": "{when}{share} fell{line}{bend}: it went from {first} to "
    "{last}{steps}{shape}.",
    "trend_no clear change": "{when}{share} showed no clear change{line}{bend}: it went from "
    "{first} to {last}{steps}{shape}.",
    "trend_unknown": "{when}{share} went from {first} to {last}{steps}; no direction is told.",
    "change_rising": "{when}{share} clearly rose from {first} to {last}{steps}.",
    "change_falling": "{when}{share} clearly fell from {first} to {last}{steps}.",
    "change_no clear change": "{when}{share} did not clearly change: it was {first} in "
    "{first_year} and {last} in {last_year}{steps}.",
    "change_unknown": "{when}{share} went from {first} to {last}{steps}; no direction is told.",
    "change_of": ", a change of {change}",
    "line_rising": ", on average by {slope}",
    "line_falling": ", on average by {slope}",
    "line_no clear change": ", on average {slope}",
    "bend": ", perhaps with a bend in {year} (chosen from the same data)",
    "of_itself_a_year": "{number} % of its value a year",
    "since_rising": "Since {year}, perhaps a bend (the year is chosen from the same data), it rose "
    "by {rate}: that is less sure than its limits say.",
    "since_falling": "Since {year}, perhaps a bend (the year is chosen from the same data), it "
    "fell by {rate}: that is less sure than its limits say.",
    "since_no clear change": "Since {year}, perhaps a bend (the year is chosen from the same "
    "data), it showed no clear change: {rate}.",
    "of_two_tests": "not clear by the limits of 97.5 % that each of two tests goes by",
    "of_many_tests": "not clear among all that are tested together",
    "not_straight": "; the years do not follow a straight line",
    "cannot_change": "{when}whether {share} changed cannot be told{why}.",
    "why": ": {reason}",
    "too_imprecise": ": estimates are too imprecise for it",
    "not_reported": "Of those asked, {share} % are in none of these groups, and counted in "
    "{everyone} alone.",
    "recoded": "From {since} on, the group {group} seems to hold less than the highest incomes: "
    "$75,000 to less than $100,000.",
    "no_years": ": no year has an estimate",
    "one_year": ": {year} alone has an estimate, {figure}",
    "no_year_left": ": the years are perhaps not comparable with each other, and the latest that "
    "are have no estimate",
    "one_year_left": ": the years are perhaps not comparable with each other, and of the latest "
    "that are, {year} alone has an estimate, {figure}",
    "year_status": "in {year} {status}",
    "not_comparable": "These years are perhaps not comparable: see the warnings.",
    "doubtful": "Years before {year} and from {year} on are perhaps not comparable: a change may "
    "be of the survey, not of the people.",
    "left_out": "Left out, as perhaps not comparable: {years}.",
    "trends": "{when}{share} was rising in {rising} of {places} places, falling in {falling} and "
    "without a clear change in {unclear} ({tested}){untold}.",
    "changes": "{when}{share} rose in {rising} of {places} places, fell in {falling} and did not"
    " clearly change in {unclear} ({tested}){untold}.",
    "untold": "; in {unknown} it cannot be told",
    "untold_all": "{when}no direction of {share} is told of any of the {places} places: {why}.",
    "not_comparable_so": "these years are perhaps not comparable",
    "one_year_so": "no other year can be compared with it",
    "no_errors_so": "they lack an estimate or its standard error",
    "each": "each tested by itself",
    "each_own": "each from its first to its last year, and tested by itself",
    "together": "all tested together",
    # ranking
    "ranking": "{when}of {places} places ranked by {share} ({better}), {first_of_all}, and "
    "{last_of_all}.",
    "first_one": "the first is {named}, with {figure}",
    "first_several": "the first are {named}, each with {figure}",
    "last_one": "the last {named}, with {figure}",
    "last_several": "the last {named}, each with {figure}",
    "ranking_of_one": "{when}{first} alone can be ranked by {share} ({better}), with "
    "{first_figure}.",
    "ranking_of_equals": "{when}all places ranked by {share} ({better}), {places} of them, have "
    "{first_figure}.",
    "lower": "lower is better",
    "higher": "higher is better",
    "weak_ends": "{when}of {places} places ranked by {share} ({better}), the first or the last is "
    "too imprecise to be named.",
    "one_may": "First place is plausible for {named} alone.",
    "several_may": "First place is plausible for {count} of them: no other place is clearly better "
    "than any of these.",
    "unsure": "How sure the ranks are cannot be told.",
    "nation_is": "In {nation} it was {figure}.",
    "own_rank": "The rank of {place} is {rank} (plausible ranks for {place} alone: {low}-{high}).",
    "own_rank_alone": "The rank of {place} is {rank}.",
    "own_rank_missing": "There is no rank of {place}, which has no estimate.",
    # disparity, inequality
    "strata": "{when}{share} was highest in the group {high}, {high_figure}{high_gap}, and lowest "
    "in the group {low}, {low_figure}{low_gap} ({groups}).",
    "equal_strata": "{when}{share} was the same in the groups {named}, {figure}.",
    "extremes": "the two extremes of {groups} groups of {category}",
    "gaps_together": "all gaps tested together",
    "reference": "Gaps are from {reference}, {figure}.",
    "gap": ", a gap of {gap}",
    "widest": "{when}the widest gap in {share} between the groups of {category} is that "
    "of {stratum} from {reference} in {place}: {figure} and {reference_figure}{gap}.",
    "as_wide": "As wide: {named}.",
    "no_gaps": "{when}each gap in {share} between the groups of {category} is {gap}.",
    "no_gap": "{when}there is no gap to be told in {share}.",
    "no_precise_gap": "{when}no gap in {share} between the groups of {category} is precise enough "
    "to be shown.",
    "of_gaps": "Being the widest of {gaps} gaps, it is probably overstated.",
    "imprecise_gaps": "Gaps left out here, as too imprecise to be shown: {gaps}.",
    "imprecise_rows": "Rows left out here, as too imprecise to be shown: {rows}.",
    "groups": "the groups of {category}",
    "groups_with": "the groups of {category} that have an estimate",
    "some_groups": "the {some} groups of {category} (of {every}) that have an estimate",
    "unequal": "{when}{groups} clearly differ in {share}{measures}.",
    "equal": "{when}{groups} do not clearly differ in {share}{measures}.",
    "unequal_unknown": "{when}whether {groups} clearly differ in {share} cannot be told{measures}.",
    "disparity": "; their index of disparity is {figure}",
    "slope": "; their slope index is {figure}",
    "unequal_in": "{when}{groups} clearly differ in {share} in {clear} of {places} places (each "
    "tested by itself){widest}.",
    "widest_index": "; the index of disparity is widest in {high}, {high_figure}, and narrowest "
    "in {low}, {low_figure}",
    "equal_indexes": "; the index of disparity is the same in {high}, {high_figure}",
    "widest_whole": "; of the {whole} places with an estimate of each group, the index of "
    "disparity is widest in {high}, {high_figure}, and narrowest in {low}, {low_figure}",
    "no_widest": "; which index of disparity is widest is not told, for they are made of "
    "different groups",
    "of_indexes": "Being the ends of {places} indexes, these are probably too far apart.",
    "nothing_unequal": "{when}how unequal {share} is cannot be told: no place has two groups.",
    # compare, against
    "compared": "{when}{first} was clearly better than {second} on {better} of "
    "{questions|question|questions}{better_named}, clearly worse on {worse}{worse_named}, and "
    "without a clear difference on {unclear}{untold_questions}.",
    "untold_questions": "; on {unknown} it cannot be told",
    "named": " ({named})",
    "against": "{when}{own}{nation}; of {others} it was {verdicts}{untold_others}.",
    "against_unknown": "{when}{own}{nation}; how it differs from {others} cannot be told, for "
    "want of standard errors.",
    "above": "clearly above {count}",
    "below": "clearly below {count}",
    "unclear": "not clearly different from {count}",
    "own": "{figure} of adults in {place} {did}",
    "own_of": "{share} was {figure}",
    "nation_higher": ", clearly above {nation} ({value})",
    "nation_lower": ", clearly below {nation} ({value})",
    "nation_no clear difference": ", not clearly different from {nation} ({value})",
    "since_higher": ", up from {value} in {year}",
    "since_lower": ", down from {value} in {year}",
    "since_no clear difference": ", not clearly different from {value} in {year}",
    "nation_unknown": ", beside {value} in {nation}",
    "untold_others": " (for want of standard errors it cannot be told of {unknown})",
    "others": "{whom} ({others})",
    "all state": "the states",
    "all territory": "the territories",
    "all unknown": "the places",
    "other state": "the other states",
    "other territory": "the other territories",
    "other unknown": "the other places",
    "other_strata": "the other groups of its category",
    # correlation
    "more_more": "{when}over {places}, {y} tended to be higher where {x} was higher ({r}).",
    "more_less": "{when}over {places}, {y} tended to be lower where {x} was higher ({r}).",
    "neither": "{when}over {places}, {x} and {y} did not clearly go together ({r}).",
    "no_r": "{when}whether {x} and {y} go together over {places} cannot be told.",
    "some_places": "{places|place|places}",
    "with_territories": "{places|place|places} ({names} among them)",
    "pearson": "Pearson's r = {value}",
    "spearman": "Spearman's rho = {value}",
    "with_limits": "{value}, {limits}",
    "made_by_one": "Without {place} Pearson's r is {value}.",
    "noise": "Most of the differences between places may be sampling error: little can be told.",
    "tied": "The two are tied by what they count: this says little or nothing of what people do.",
}

ENGLISH = Language(
    code="en",
    decimal=".",
    names=MappingProxyType(
        {
            "questions": {},
            "question_texts": {},
            "topics": {},
            "categories": {"Gender": "Sex"},
            "strata": {"Male": "Men", "Female": "Women", "Total": "Everyone"},
        }
    ),
    layouts=MappingProxyType(
        {
            "brfss": {"strata": {"Total": "All adults"}},
            "wic": {"strata": {"Male": "Boys", "Female": "Girls", "Total": "All children in WIC"}},
            "yrbss": {"strata": {"Male": "Boys", "Female": "Girls", "Total": "All students"}},
        }
    ),
    did=MappingProxyType(_DID),
    phrases=MappingProxyType(_PHRASES),
    nation="United States",
    places=MappingProxyType(
        {
            "National": "the United States",
            "District of Columbia": "the District of Columbia",
            "Virgin Islands": "the Virgin Islands",
            "Northern Mariana Islands": "the Northern Mariana Islands",
        }
    ),
)
