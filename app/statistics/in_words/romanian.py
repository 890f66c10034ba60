"""Romanian: what statistics say in it."""

from types import MappingProxyType

from app.statistics.in_words.language import Language

_DID = {
    "Q018": "mâncau fructe mai rar decât o dată pe zi",
    "Q019": "mâncau legume mai rar decât o dată pe zi",
    "Q036": "aveau obezitate",
    "Q037": "erau supraponderali fără să aibă obezitate",
    "Q043": "făceau cel puțin 150 de minute de activitate aerobică moderată pe săptămână "
    "(sau echivalentul)",
    "Q044": "făceau cel puțin 150 de minute de activitate aerobică moderată pe săptămână "
    "(sau echivalentul) și exerciții de forță în cel puțin 2 zile",
    "Q045": "făceau cel puțin 300 de minute de activitate aerobică moderată pe săptămână "
    "(sau echivalentul)",
    "Q046": "făceau exerciții de forță în cel puțin 2 zile pe săptămână",
    "Q047": "nu făceau nicio activitate fizică în timpul liber",
}

_PHRASES = {
    "and": " și ",
    "quoted": "„{name}”",
    "in_years": "în {years}",
    "from_to": "din {first} până în {last}",
    "in_group": "în grupul {group}",
    "by_age": "standardizat după vârstă",
    "in_place": "în {place}",
    "share": "ponderea adulților care {did}",
    "quantity": "valoarea întrebării „{text}”",
    "range": "{low}-{high}",
    "range_signed": "de la {low} la {high}",
    "points": "{number} puncte procentuale",
    "a_year": "{amount} pe an",
    "no_interval": "fără interval",
    "caution": "de citit cu prudență",
    "withhold": "prea puțin precis pentru a fi prezentat",
    "not_clear": "neclar",
    "mean_of": "media a {estimates} estimări pentru {share}",
    "median_of": "mediana a {estimates} estimări pentru {share}",
    "estimates": "estimările",
    "means": "mediile estimărilor",
    "medians": "medianele estimărilor",
    "none": "niciunul",
    "pooled": "din mai multe rânduri: {rows}",
    "withheld": "nepublicată, pentru că au fost întrebați prea puțini oameni",
    "not released": "CDC nu a publicat nimic",
    "no estimate": "nu se știe de ce",
    "nation_lacks": "Cifrele pentru {nation} sunt calculate fără {states}.",
    "states_in": "{states} în {years}",
    "without": "Fără estimare: {named}.",
    "rows_without": "Rânduri fără estimare: {rows}.",
    "with_reason": "{name} ({reason})",
    "rows_marked": "Rânduri de citit cu prudență sau prea puțin precise: {rows}.",
    "several_places": "Este a mai multor locuri împreună, nu o prevalență a Statelor Unite.",
    "group": "grupul {group}",
    "debatable": "Ce înseamnă mai bine este discutabil: {named}.",
    # query
    "value": "{when}{figure} dintre adulții din {place} {did}.",
    "value_of": "{when}{share} era de {figure}.",
    "no_value": "{when}nu există nicio estimare pentru {share}: {reason}.",
    "many": "{when}dintre {kind} din acest răspuns ({rows}) pentru {share}, cea mai mare este "
    "{high_figure}, pentru {high_label}, iar cea mai mică {low_figure}, pentru {low_label}; aici "
    "nu se testează dacă diferă.",
    "all_equal": "{when}toate {kind} din acest răspuns ({rows}) pentru {share} sunt {figure}.",
    "several_questions": "Răspunsul are rânduri ({rows}) ale mai multor întrebări, care nu se "
    "compară.",
    "no_rows": "Nimic din setul de date nu se potrivește întrebării.",
    "and_more": "{named} și altele",
    # trend, change
    "trend_rising": "{when}{share} a crescut{line}: de la {first} la {last}{steps}.",
    "trend_falling": "{when}{share} a scăzut{line}: de la {first} la {last}{steps}.",
    "trend_no clear change": "{when}{share} nu arăta o schimbare clară{line}: de la {first} "
    "la {last}{steps}.",
    "trend_unknown": "{when}{share}{line} a trecut de la {first} la {last}{steps}; nu se spune "
    "nicio direcție.",
    "change_rising": "{when}{share} a crescut clar de la {first} la {last}{steps}.",
    "change_falling": "{when}{share} a scăzut clar de la {first} la {last}{steps}.",
    "change_no clear change": "{when}{share} nu s-a schimbat clar: a fost de {first} în "
    "{first_year} și de {last} în {last_year}{steps}.",
    "change_unknown": "{when}{share} a trecut de la {first} la {last}{steps}; nu se spune nicio "
    "direcție.",
    "change_of": ", o schimbare de {change}",
    "line_of": " de-a lungul unei drepte, {slope}",
    "cannot_change": "{when}nu se poate spune dacă {share} s-a schimbat{why}.",
    "why": ": {reason}",
    "few_years": ": cel mult un an are o estimare",
    "year_status": "în {year} {status}",
    "not_comparable": "Acești ani poate nu se pot compara: a se vedea avertismentele.",
    "left_out": "Ani lăsați deoparte, căci poate nu se pot compara: {years}.",
    "trends": "{when}dintre locurile din răspuns ({places}), {share} era în creștere în {rising}, "
    "în scădere în {falling} și fără o schimbare clară în {unclear} ({tested}){untold}.",
    "changes": "{when}dintre locurile din răspuns ({places}), {share} a crescut în {rising}, a "
    "scăzut în {falling} și nu s-a schimbat clar în {unclear} ({tested}){untold}.",
    "untold": "; în {unknown} nu se poate spune",
    "each": "fiecare testat separat",
    "each_own": "fiecare din primul până în ultimul său an și testat separat",
    "together": "toate testate împreună",
    # ranking
    "ranking": "{when}dintre locurile din clasament ({places}) după {share} ({better}), primul "
    "este {first}, cu {first_figure}, iar ultimul {last}, cu {last_figure}.",
    "lower": "mai puțin este mai bine",
    "higher": "mai mult este mai bine",
    "one_may": "Primul loc este plauzibil numai pentru {named}.",
    "several_may": "Primul loc este plauzibil pentru {count} dintre ele: niciun alt loc nu este "
    "clar mai bun decât vreunul dintre acestea.",
    "unsure": "Cât de sigure sunt locurile din clasament nu se poate spune.",
    "nation_is": "În {nation} era de {figure}.",
    "own_rank": "{place} este pe locul {rank} (locuri plauzibile: {low}-{high}).",
    "own_rank_alone": "{place} este pe locul {rank}.",
    "own_rank_missing": "{place} nu este în clasament, căci nu are nicio estimare.",
    # disparity, inequality
    "strata": "{when}{share} era cea mai mare în grupul {high}, {high_figure}{high_gap}, și cea "
    "mai mică în grupul {low}, {low_figure}{low_gap}, dintre grupurile din {category}.",
    "reference": "Diferențele sunt față de {reference}, {figure}.",
    "gap": ", o diferență de {gap}",
    "widest": "{when}cea mai mare diferență între grupurile din {category}, în {share}, este a "
    "grupului {stratum} față de {reference} în {place}: {figure} și {reference_figure}{gap}.",
    "no_gap": "{when}nu se poate spune nicio diferență în {share}.",
    "groups": "grupurile din {category}",
    "some_groups": "{some} din cele {every} grupuri din {category}",
    "unequal": "{when}{groups} diferă clar în {share}{measures}.",
    "equal": "{when}{groups} nu diferă clar în {share}{measures}.",
    "unequal_unknown": "{when}nu se poate spune dacă {groups} diferă clar în {share}{measures}.",
    "disparity": "; indicele lor de disparitate este {figure}",
    "slope": "; indicele pantei este {figure}",
    "unequal_in": "{when}dintre locurile din răspuns ({places}), grupurile din {category} diferă "
    "clar în {share} în {clear} (fiecare testat separat){widest}.",
    "widest_index": "; indicele de disparitate este cel mai mare în {high}, {high_figure}, și cel "
    "mai mic în {low}, {low_figure}",
    "nothing_unequal": "{when}nu se poate spune cât de inegală este {share}: niciun loc nu are "
    "două grupuri.",
    # compare, against
    "compared": "{when}dintre întrebări ({questions}), la {better} era clar mai bine "
    "{first}{better_named}, la {worse} era clar mai bine {second}{worse_named}, iar la {unclear} "
    "nu este nicio diferență clară{untold_questions}.",
    "untold_questions": "; la {unknown} nu se poate spune",
    "named": " ({named})",
    "against": "{when}{own}{nation}; față de {others}, era clar peste {higher}, clar sub {lower} "
    "și fără diferență clară față de {unclear}{untold_others}.",
    "own": "{figure} dintre adulții din {place} {did}",
    "own_of": "{share} era de {figure}",
    "nation_higher": ", clar peste {nation} ({value})",
    "nation_lower": ", clar sub {nation} ({value})",
    "nation_no clear difference": ", fără diferență clară față de {nation} ({value})",
    "nation_unknown": ", pe lângă {value} în {nation}",
    "untold_others": " (fără erori standard nu se poate spune despre {unknown})",
    "states": "celelalte state și Districtul Columbia ({others})",
    "all_states": "state și Districtul Columbia ({others})",
    "places": "celelalte state și teritorii și Districtul Columbia ({others})",
    "other_strata": "celelalte grupuri ale categoriei ({others})",
    # correlation
    "more_more": "{when}între locurile din răspuns ({places}), {y} tindea să fie mai mare acolo "
    "unde {x} era mai mare ({r}).",
    "more_less": "{when}între locurile din răspuns ({places}), {y} tindea să fie mai mică acolo "
    "unde {x} era mai mare ({r}).",
    "neither": "{when}între locurile din răspuns ({places}), {x} și {y} nu mergeau clar împreună "
    "({r}).",
    "no_r": "{when}nu se poate spune dacă {x} și {y} merg împreună între locurile din răspuns "
    "({places}).",
    "pearson": "r al lui Pearson = {value}",
    "pearson_range": "r al lui Pearson = {value}, {range}",
    "tied": "Cele două sunt legate prin ceea ce numără: asta spune puțin sau nimic despre ce fac "
    "oamenii.",
}

_NAMES = {
    "questions": {
        "Q018": "Fructe mai rar decât o dată pe zi",
        "Q019": "Legume mai rar decât o dată pe zi",
        "Q036": "Obezitate",
        "Q037": "Supraponderalitate",
        "Q043": "150 min de activitate aerobică pe săptămână",
        "Q044": "150 min de activitate aerobică pe săptămână și 2 zile de exerciții de forță",
        "Q045": "300 min de activitate aerobică pe săptămână",
        "Q046": "Exerciții de forță 2 zile pe săptămână",
        "Q047": "Nicio activitate fizică în timpul liber",
    },
    "topics": {
        "Fruits and Vegetables - Behavior": "Fructe și legume",
        "Obesity / Weight Status": "Obezitate și greutate",
        "Physical Activity - Behavior": "Activitate fizică",
    },
    "categories": {
        "Gender": "Sex",
        "Sex": "Sex",
        "Age (years)": "Vârsta (ani)",
        "Education": "Educația",
        "Income": "Venitul",
        "Race/Ethnicity": "Rasa și etnia",
        "Total": "Toți",
    },
    "strata": {
        "Total": "Toți",
        "Male": "Bărbați",
        "Female": "Femei",
        "65 or older": "65 de ani și peste",
        "Less than high school": "Liceu neterminat",
        "High school graduate": "Liceu terminat",
        "Some college or technical school": "Studii superioare neterminate sau școală tehnică",
        "College graduate": "Facultate terminată",
        "Less than $15,000": "Sub 15.000 $",
        "$15,000 - $24,999": "15.000 – 24.999 $",  # noqa: RUF001
        "$25,000 - $34,999": "25.000 – 34.999 $",  # noqa: RUF001
        "$35,000 - $49,999": "35.000 – 49.999 $",  # noqa: RUF001
        "$50,000 - $74,999": "50.000 – 74.999 $",  # noqa: RUF001
        "$75,000 or greater": "75.000 $ sau mai mult",
        "Data not reported": "Fără răspuns",
        "Non-Hispanic White": "Albi, nehispanici",
        "Non-Hispanic Black": "De rasă neagră, nehispanici",
        "Hispanic": "Hispanici",
        "American Indian/Alaska Native": "Amerindieni, nativi din Alaska",
        "Asian": "Asiatici",
        "Hawaiian/Pacific Islander": "Hawaiieni, insulari din Pacific",
        "2 or more races": "Două sau mai multe rase",
        "Other": "Altele",
    },
}

_PLACES = {
    "National": "Statele Unite",
    "American Samoa": "Samoa Americană",
    "District of Columbia": "Districtul Columbia",
    "North Carolina": "Carolina de Nord",
    "North Dakota": "Dakota de Nord",
    "Northern Mariana Islands": "Insulele Mariane de Nord",
    "South Carolina": "Carolina de Sud",
    "South Dakota": "Dakota de Sud",
    "Virgin Islands": "Insulele Virgine",
    "West Virginia": "Virginia de Vest",
}

_LAYOUTS = {
    "brfss": {
        "strata": {
            "Total": "Toți adulții",
        },
    },
    "wic": {
        "strata": {
            "Male": "Băieți",
            "Female": "Fete",
            "Total": "Toți copiii din WIC",
        },
    },
    "yrbss": {
        "strata": {
            "Male": "Băieți",
            "Female": "Fete",
            "Total": "Toți elevii",
        },
    },
}

ROMANIAN = Language(
    code="ro",
    decimal=",",
    names=MappingProxyType(_NAMES),
    layouts=MappingProxyType(_LAYOUTS),
    did=MappingProxyType(_DID),
    phrases=MappingProxyType(_PHRASES),
    nation="Statele Unite",
    places=MappingProxyType(_PLACES),
)
