"""Romanian: what statistics say in it."""

from types import MappingProxyType

from app.statistics.in_words.language import Language
from app.statistics.in_words.romanian_names import LAYOUTS, NAMES, PLACES

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
    "or": " sau ",
    "quoted": "„{name}”",
    "in_years": "în {years}",
    "from_to": "din {first} până în {last}",
    "among_sex": "la {group}",
    "among_age": "la vârsta {group}",
    "among_group": "în grupul „{group}”",
    "by_age": "standardizat după vârstă",
    "in_place": "în {place}",
    "latest_of_each": "în ultimul an al fiecărei întrebări ({years}), ",
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
    "mean_of": "media mai multor estimări ({estimates}) pentru {share}",
    "median_of": "mediana mai multor estimări ({estimates}) pentru {share}",
    "estimates": "estimările",
    "means": "mediile estimărilor",
    "medians": "medianele estimărilor",
    "pooled": "din mai multe rânduri: {rows}",
    "withheld": "nepublicată, pentru că au fost întrebați prea puțini oameni",
    "not released": "CDC nu a publicat nimic",
    "no estimate": "nu se știe de ce",
    "ages without an estimate": "unele vârste nu au estimare",
    "not used": "există una, pe care metoda nu o poate folosi",
    "nation_lacks": "Cifrele pentru {nation} sunt calculate fără {states}.",
    "states_in": "{states} în {years}",
    "without": "Fără estimare: {named}.",
    "rows_without": "Rânduri fără estimare: {rows}.",
    "with_reason": "{name} ({reason})",
    "rows_marked": "Rânduri de citit cu prudență sau prea puțin precise: {rows}.",
    "estimates_marked": "Estimări de citit cu prudență sau prea puțin precise: {rows}.",
    "several_places": "Este a mai multor locuri împreună, nu o prevalență a Statelor Unite.",
    "other_places": "Valorile sunt ale unor locuri diferite: nu toate cuprind {places}.",
    "stands": "Estimarea pentru {everyone} ține locul fiecărei categorii ({categories}).",
    "one_value": "interval calculat ca și cum toate estimările ar măsura aceeași valoare; I² = "
    "{i_squared} %",
    "overlap": "Pune la un loc grupuri care se suprapun: aceiași oameni sunt numărați în mai "
    "multe dintre ele.",
    "uneven": "Pune la un loc mai multe grupuri, iar fiecare contează la fel, oricâți oameni ar "
    "cuprinde.",
    "imprecise": "Lăsate deoparte aici, ca prea puțin precise pentru a fi prezentate: {named}.",
    "group": "grupul {group}",
    "debatable": "Ce înseamnă mai bine este discutabil: {named}.",
    # query
    "value": "{when}{figure} dintre adulții din {place} {did}{beside}.",
    "value_of": "{when}{share} era de {figure}.",
    "no_value": "{when}nu există nicio estimare pentru {share}: {reason}.",
    "no_values": "{when}{share} nu are nicio estimare pentru {named}.",
    "many": "{when}dintre {kind} din acest răspuns ({rows}) pentru {share}, cea mai mare este "
    "{high_figure}, pentru {high_label}, iar cea mai mică {low_figure}, pentru {low_label}; aici "
    "nu se testează dacă diferă.",
    "unreported": "Cei despre care nu se știe nimic ({figure}) sunt lăsați deoparte: nu formează "
    "un grup.",
    "all_equal": "{when}toate {kind} din acest răspuns ({rows}) pentru {share} sunt {figure}.",
    "only_one": "{when}o singură valoare din acest răspuns arată {share}: {figure}, pentru "
    "{label}.",
    "several_questions": "Răspunsul are rânduri ({rows}) ale mai multor întrebări, care nu se "
    "compară.",
    "no_rows": "Nimic din setul de date nu se potrivește întrebării.",
    "and_more": "{named} și altele",
    # trend, change
    "trend_rising": "{when}{share} a crescut{line}{bend}: de la {first} la {last}{steps}{shape}.",
    "trend_falling": "{when}{share} a scăzut{line}{bend}: de la {first} la {last}{steps}{shape}.",
    "trend_no clear change": "{when}{share} nu arăta o schimbare clară{line}{bend}: de la {first} "
    "la {last}{steps}{shape}.",
    "trend_unknown": "{when}{share} a trecut de la {first} la {last}{steps}; nu se spune nicio "
    "direcție.",
    "change_rising": "{when}{share} a crescut clar de la {first} la {last}{steps}.",
    "change_falling": "{when}{share} a scăzut clar de la {first} la {last}{steps}.",
    "change_no clear change": "{when}{share} nu s-a schimbat clar: a fost de {first} în "
    "{first_year} și de {last} în {last_year}{steps}.",
    "change_unknown": "{when}{share} a trecut de la {first} la {last}{steps}; nu se spune nicio "
    "direcție.",
    "change_of": ", o schimbare de {change}",
    "line_rising": ", în medie cu {slope}",
    "line_falling": ", în medie cu {slope}",
    "line_no clear change": ", în medie {slope}",
    "bend": ", poate cu o schimbare de ritm în {year} (aleasă din aceleași date)",
    "of_itself_a_year": "{number} % din valoarea sa pe an",
    "since_rising": "Din {year}, poate o schimbare de ritm (anul este ales din aceleași date), a "
    "crescut cu {rate}: mai puțin sigur decât spun limitele.",
    "since_falling": "Din {year}, poate o schimbare de ritm (anul este ales din aceleași date), a "
    "scăzut cu {rate}: mai puțin sigur decât spun limitele.",
    "since_no clear change": "Din {year}, poate o schimbare de ritm (anul este ales din aceleași "
    "date), nu arăta o schimbare clară: {rate}.",
    "of_two_tests": "neclar după limitele de 97,5 % ale fiecăruia dintre cele două teste",
    "of_many_tests": "neclar între toate cele testate împreună",
    "not_straight": "; valorile din acești ani nu urmează o linie dreaptă",
    "cannot_change": "{when}nu se poate spune dacă {share} s-a schimbat{why}.",
    "why": ": {reason}",
    "too_imprecise": ": estimările sunt prea puțin precise",
    "not_reported": "Dintre cei întrebați, {share} % nu sunt în niciunul dintre aceste grupuri și "
    "sunt numărați numai în {everyone}.",
    "recoded": "Din {since}, grupul {group} pare să nu cuprindă veniturile cele mai mari, ci pe "
    "cele de la 75.000 $ până sub 100.000 $.",
    "no_years": ": niciun an nu are o estimare",
    "one_year": ": numai {year} are o estimare, {figure}",
    "no_year_left": ": anii poate nu se pot compara între ei, iar cei mai recenți care se pot "
    "compara nu au nicio estimare",
    "one_year_left": ": anii poate nu se pot compara între ei, iar dintre cei mai recenți care se "
    "pot compara numai {year} are o estimare, {figure}",
    "year_status": "în {year} {status}",
    "not_comparable": "Acești ani poate nu se pot compara: a se vedea avertismentele.",
    "doubtful": "Anii dinainte de {year} și cei începând cu {year} poate nu se pot compara: o "
    "schimbare poate ține de sondaj, nu de oameni.",
    "left_out": "Ani lăsați deoparte, căci poate nu se pot compara: {years}.",
    "trends": "{when}dintre locurile din răspuns ({places}), {share} era în creștere în {rising}, "
    "în scădere în {falling} și fără o schimbare clară în {unclear} ({tested}){untold}.",
    "changes": "{when}dintre locurile din răspuns ({places}), {share} a crescut în {rising}, a "
    "scăzut în {falling} și nu s-a schimbat clar în {unclear} ({tested}){untold}.",
    "untold": "; în {unknown} nu se poate spune",
    "untold_all": "{when}nu se spune nicio direcție pentru {share} în niciunul dintre locurile din "
    "răspuns ({places}): {why}.",
    "not_comparable_so": "acești ani poate nu se pot compara",
    "one_year_so": "niciun alt an nu se poate compara cu el",
    "no_errors_so": "le lipsește o estimare sau eroarea ei standard",
    "each": "fiecare testat separat",
    "each_own": "fiecare din primul până în ultimul său an și testat separat",
    "together": "toate testate împreună",
    # ranking
    "ranking": "{when}dintre locurile din clasament ({places}) după {share} ({better}), "
    "{first_of_all}, iar {last_of_all}.",
    "first_one": "primul este {named}, cu {figure}",
    "first_several": "primele sunt {named}, fiecare cu {figure}",
    "last_one": "ultimul {named}, cu {figure}",
    "last_several": "ultimele {named}, fiecare cu {figure}",
    "ranking_of_one": "{when}numai {first} are un loc în clasamentul după {share} ({better}), cu "
    "{first_figure}.",
    "ranking_of_equals": "{when}toate locurile din clasament ({places}) după {share} ({better}) au "
    "{first_figure}.",
    "lower": "mai puțin este mai bine",
    "higher": "mai mult este mai bine",
    "weak_ends": "{when}dintre locurile din clasament ({places}) după {share} ({better}), primul "
    "sau ultimul este prea puțin precis pentru a fi numit.",
    "one_may": "Primul loc este plauzibil numai pentru {named}.",
    "several_may": "Primul loc este plauzibil pentru {count} dintre ele: niciun alt loc nu este "
    "clar mai bun decât vreunul dintre acestea.",
    "unsure": "Cât de sigure sunt locurile din clasament nu se poate spune.",
    "nation_is": "În {nation} era de {figure}.",
    "own_rank": "Locul în clasament pentru {place} este {rank} (locuri plauzibile, calculate "
    "numai pentru {place}: {low}-{high}).",
    "own_rank_alone": "Locul în clasament pentru {place} este {rank}.",
    "own_rank_missing": "Pentru {place} nu există un loc în clasament, căci nu există nicio "
    "estimare.",
    # disparity, inequality
    "strata": "{when}{share} era cea mai mare în grupul {high}, {high_figure}{high_gap}, și cea "
    "mai mică în grupul {low}, {low_figure}{low_gap} ({groups}).",
    "equal_strata": "{when}{share} era aceeași în grupurile {named}, {figure}.",
    "extremes": "cele două extreme dintre grupurile din {category}: {groups}",
    "gaps_together": "toate diferențele testate împreună",
    "reference": "Diferențele sunt față de {reference}, {figure}.",
    "gap": ", o diferență de {gap}",
    "widest": "{when}cea mai mare diferență între grupurile din {category}, în {share}, este a "
    "grupului {stratum} față de {reference} în {place}: {figure} și {reference_figure}{gap}.",
    "as_wide": "La fel de mari: {named}.",
    "no_gaps": "{when}fiecare diferență între grupurile din {category}, în {share}, este de {gap}.",
    "no_gap": "{when}nu se poate spune nicio diferență în {share}.",
    "no_precise_gap": "{when}nicio diferență între grupurile din {category}, în {share}, nu este "
    "destul de precisă pentru a fi prezentată.",
    "of_gaps": "Fiind cea mai mare dintre mai multe diferențe ({gaps}), este probabil "
    "supraestimată.",
    "imprecise_gaps": "Diferențe lăsate deoparte aici, ca prea puțin precise pentru a fi "
    "prezentate: {gaps}.",
    "imprecise_rows": "Rânduri lăsate deoparte aici, ca prea puțin precise pentru a fi "
    "prezentate: {rows}.",
    "groups": "grupurile din {category}",
    "groups_with": "grupurile din {category} care au o estimare",
    "some_groups": "cele {some} grupuri din {category} care au o estimare (din {every})",
    "unequal": "{when}{groups} diferă clar în {share}{measures}.",
    "equal": "{when}{groups} nu diferă clar în {share}{measures}.",
    "unequal_unknown": "{when}nu se poate spune dacă {groups} diferă clar în {share}{measures}.",
    "disparity": "; indicele lor de disparitate este {figure}",
    "slope": "; indicele pantei este {figure}",
    "unequal_in": "{when}dintre locurile din răspuns ({places}), {groups} diferă clar în {share} "
    "în {clear} (fiecare testat separat){widest}.",
    "widest_index": "; indicele de disparitate este cel mai mare în {high}, {high_figure}, și cel "
    "mai mic în {low}, {low_figure}",
    "equal_indexes": "; indicele de disparitate este același în {high}, {high_figure}",
    "widest_whole": "; dintre locurile cu o estimare pentru fiecare grup ({whole}), indicele de "
    "disparitate este cel mai mare în {high}, {high_figure}, și cel mai mic în {low}, {low_figure}",
    "no_widest": "; nu se spune unde este cel mai mare indicele de disparitate, căci indicii sunt "
    "calculați din grupuri diferite",
    "of_indexes": "Fiind extremele mai multor indici ({places}), sunt probabil prea depărtate "
    "între ele.",
    "nothing_unequal": "{when}nu se poate spune cât de inegală este {share}: niciun loc nu are "
    "două grupuri.",
    # compare, against
    "compared": "{when}dintre întrebări ({questions}), în {first} era clar mai bine la "
    "{better}{better_named}, iar în {second} la {worse}{worse_named}; la {unclear} nu era nicio "
    "diferență clară{untold_questions}.",
    "untold_questions": "; la {unknown} nu se poate spune",
    "named": " ({named})",
    "against": "{when}{own}{nation}; dintre {others}, era {verdicts}{untold_others}.",
    "against_unknown": "{when}{own}{nation}; nu se poate spune cum diferă de {others}, căci "
    "lipsesc erorile standard.",
    "above": "clar peste {count}",
    "below": "clar sub {count}",
    "unclear": "fără diferență clară față de {count}",
    "own": "{figure} dintre adulții din {place} {did}",
    "own_of": "{share} era de {figure}",
    "nation_higher": ", clar peste {nation} ({value})",
    "nation_lower": ", clar sub {nation} ({value})",
    "nation_no clear difference": ", fără diferență clară față de {nation} ({value})",
    "since_higher": ", în creștere față de {value} în {year}",
    "since_lower": ", în scădere față de {value} în {year}",
    "since_no clear difference": ", fără diferență clară față de {value} în {year}",
    "nation_unknown": ", pe lângă {value} în {nation}",
    "untold_others": " (fără erori standard nu se poate spune despre {unknown})",
    "others": "{whom} ({others})",
    "all state": "state",
    "all territory": "teritorii",
    "all unknown": "locuri",
    "other state": "celelalte state",
    "other territory": "celelalte teritorii",
    "other unknown": "celelalte locuri",
    "other_strata": "celelalte grupuri ale categoriei",
    # correlation
    "more_more": "{when}între locurile din răspuns ({places}), {y} tindea să fie mai mare acolo "
    "unde {x} era mai mare ({r}).",
    "more_less": "{when}între locurile din răspuns ({places}), {y} tindea să fie mai mică acolo "
    "unde {x} era mai mare ({r}).",
    "neither": "{when}între locurile din răspuns ({places}), {x} și {y} nu mergeau clar împreună "
    "({r}).",
    "no_r": "{when}nu se poate spune dacă {x} și {y} merg împreună între locurile din răspuns "
    "({places}).",
    "some_places": "{places}",
    "with_territories": "{places}, între care {names}",
    "pearson": "r al lui Pearson = {value}",
    "spearman": "rho al lui Spearman = {value}",
    "with_limits": "{value}, {limits}",
    "made_by_one": "Fără {place}, coeficientul r al lui Pearson este {value}.",
    "noise": "Cea mai mare parte a diferențelor dintre locuri poate fi eroare de eșantionare: se "
    "poate spune puțin.",
    "tied": "Cele două sunt legate prin ceea ce numără: asta spune puțin sau nimic despre ce fac "
    "oamenii.",
}

ROMANIAN = Language(
    code="ro",
    decimal=",",
    names=NAMES,
    layouts=LAYOUTS,
    did=MappingProxyType(_DID),
    phrases=MappingProxyType(_PHRASES),
    nation="Statele Unite",
    places=PLACES,
)
