"""What there is to know of an answer before its figures are used."""

from app.messages.message import Message

# Estimates, whatever the statistic.
DEBATABLE = Message(
    "Of {question}, which way is better is debatable: {why:told}",
    "La {question}, ce înseamnă mai bine este discutabil: {why}",
)
OVERWEIGHT_ADULTS = Message(
    "overweight here is a body mass index from 25 to below 30, without obesity, so its share can "
    "fall because people become obese; read it beside Q036.",
    "aici, supraponderal înseamnă un indice de masă corporală de la 25 până sub 30, fără "
    "obezitate, așa că ponderea poate scădea pentru că oamenii ajung la obezitate; de citit "
    "alături de Q036.",
)
OVERWEIGHT_CHILDREN = Message(
    "overweight here is without obesity, so its share can fall because children become obese; "
    "read it beside Q041.",
    "aici, supraponderal înseamnă fără obezitate, așa că ponderea poate scădea pentru că mai "
    "mulți copii ajung la obezitate; de citit alături de Q041.",
)
OVERWEIGHT_STUDENTS = Message(
    "overweight here is without obesity, so its share can fall because students become obese; "
    "read both together.",
    "aici, supraponderal înseamnă fără obezitate, așa că ponderea poate scădea pentru că mai "
    "mulți elevi ajung la obezitate; de citit împreună.",
)
IMPOSSIBLE_ROWS = Message(
    "{rows|row is|rows are} left out as impossible: {named}.",
    "{rows|rând este lăsat deoparte, fiind imposibil|rânduri sunt lăsate deoparte, fiind "
    "imposibile}: {named}.",
)
NATION_LACKS = Message(
    "National is made without states for which CDC released nothing: {named}.{change:told}",
    "Cifrele pentru Statele Unite sunt calculate fără statele pentru care CDC nu a publicat "
    "nimic: {named}.{change}",
)
NATION_CHANGES = Message(
    " What changes over the years may be which states are in it.",
    " Ce se schimbă de-a lungul anilor pot fi statele cuprinse în ele.",
)
SEVERAL_ROWS = Message(
    "Estimates that are plain means of several rows (up to {most}) of one cell, which may be "
    "copies of the same people: {several} of {all}. They have no confidence limits and no sample "
    "size.",
    "Estimări care sunt medii simple ale mai multor rânduri (cel mult {most}) ale aceleiași "
    "celule, poate copii ale acelorași oameni: {several} din {all}. Nu au limite de încredere și "
    "nici numărul celor întrebați.",
)
NO_LIMITS = Message(
    "Estimates without confidence limits that a standard error can be read from: {bare} of {all}.",
    "Estimări fără limite de încredere din care să se afle o eroare standard: {bare} din {all}.",
)
WHOLE_PERIOD = Message(
    "The dataset has no single years: an estimate covers the whole period.",
    "Setul de date nu are ani separați: o estimare cuprinde toată perioada.",
)
NO_GROUP = Message(
    '"{stratum}" is no group of people: it holds those who {who:told}.',
    "„{stratum}” nu este un grup de oameni: îi cuprinde pe cei care {who}.",
)
NO_GROUP_SINCE = Message(
    '"{stratum}" is no group of people: it holds those who {who:told}, and from {year} on perhaps '
    "also those with more than the groups hold.",
    "„{stratum}” nu este un grup de oameni: îi cuprinde pe cei care {who}, iar din {year} poate "
    "și pe cei care au mai mult decât cuprind grupurile.",
)
GAVE_NO_INCOME = Message(
    "gave no income",
    "nu și-au spus venitul",
)
TOLD_NO_GROUP = Message(
    "did not tell in which group they are",
    "nu au spus din ce grup fac parte",
)
LATER_YEARS = Message(
    "{years} left out: too little of what was asked has an estimate there, less than in the year "
    "that is taken{why:told}.",
    "Ani lăsați deoparte: {years}. Prea puțin din ce s-a cerut are o estimare acolo, mai puțin "
    "decât în anul ales{why}.",
)
NOTHING_RELEASED = Message(
    "; CDC released nothing for {named}",
    "; CDC nu a publicat nimic pentru {named}",
)
OF_BOTH_QUESTIONS = Message(
    " of both questions",
    " la ambele întrebări",
)
OF_ONE_QUESTION = Message(
    " of one question or both",
    " la o întrebare sau la ambele",
)

# Places and groups without an estimate.
UNCOLLECTED = Message(
    "Not released in {years:years}{whose:told}, in no stratum (too little was collected there, "
    "says CDC): {states}.",
    "Nepublicate în {years}{whose}, pentru niciun grup (s-a strâns prea puțin acolo, spune CDC): "
    "{states}.",
)
NOWHERE_RELEASED = Message(
    "Not released in {years:years}{whose:told}, in no stratum (nor is any other question of these "
    "places and years; why is not known): {states}.",
    "Nepublicate în {years}{whose}, pentru niciun grup (nici la vreo altă întrebare pentru aceste "
    "locuri și acești ani; nu se știe de ce): {states}.",
)
NOT_RELEASED = Message(
    "Not released in {years:years}{whose:told}, in no stratum (CDC released other questions of "
    "these places and years; why not this one is not known): {states}.",
    "Nepublicate în {years}{whose}, pentru niciun grup (CDC a publicat alte întrebări pentru "
    "aceste locuri și acești ani; nu se știe de ce nu și pe aceasta): {states}.",
)
WITHHELD_IN = Message(
    "Withheld in {years:years}{whose:told}, for too small a sample of the stratum: {states}.",
    "Reținute în {years}{whose}, căci din grup au fost întrebați prea puțini oameni: {states}.",
)
NO_USABLE = Message(
    "No usable estimate in {years:years}{whose:told}: {states}.",
    "Nicio estimare utilizabilă în {years}{whose}: {states}.",
)
WITHHELD = Message(
    "Withheld, for too small a sample of the stratum: {named}.",
    "Reținute, căci din grup au fost întrebați prea puțini oameni: {named}.",
)
NO_ESTIMATE = Message(
    "No estimate, and why is not known: {named}.",
    "Fără estimare, și nu se știe de ce: {named}.",
)
YEARS_NOT_RELEASED = Message(
    "Years for which CDC released nothing, in no stratum: {named}.",
    "Ani pentru care CDC nu a publicat nimic, pentru niciun grup: {named}.",
)
YEARS_WITHHELD = Message(
    "Years withheld, for too small a sample of the stratum: {named}.",
    "Ani reținuți, căci din grup au fost întrebați prea puțini oameni: {named}.",
)
YEARS_WITHOUT = Message(
    "Years without an estimate, and why is not known: {named}.",
    "Ani fără estimare, și nu se știe de ce: {named}.",
)
RELEASED_NOTHING = Message(
    "CDC released nothing, in no stratum, for: {named}.",
    "CDC nu a publicat nimic, pentru niciun grup, în: {named}.",
)
TERRITORIES_LEFT_OUT = Message(
    'Territories are left out, {named}; with "others": "places" they are among the others.',
    "Teritoriile sunt lăsate deoparte: {named}; cu „others”: „places” sunt printre celelalte.",
)

# Years that are not comparable.
BREAK = Message(
    "Years before {year} and from {year} on are not comparable: {what:told}.",
    "Anii dinainte de {year} și cei începând cu {year} nu se pot compara: {what}.",
)
PERHAPS_BREAK = Message(
    "Years before {year} and from {year} on are perhaps not comparable: {what:told}.",
    "Anii dinainte de {year} și cei începând cu {year} poate nu se pot compara: {what}.",
)
WEIGHTING_2011 = Message(
    "in 2011 BRFSS added cell phones and changed its weighting to raking, and CDC calls what came "
    "before not directly comparable",
    "în 2011 BRFSS a adăugat telefoanele mobile și a trecut la ponderarea prin raking, iar CDC "
    "spune că ce a fost înainte nu se poate compara direct",
)
PRODUCE_2017 = Message(
    "in 2017 CDC redesigned the questions on fruits and vegetables (Data Users Guide to the BRFSS "
    "Fruit and Vegetable Questions)",
    "în 2017 CDC a refăcut întrebările despre fructe și legume (Data Users Guide to the BRFSS "
    "Fruit and Vegetable Questions)",
)
STRENGTH_2019 = Message(
    "in 2019 these estimates lie above those of 2017 in most states at once, by 2.4 points (Q044) "
    "and 4.9 points (Q046) on average, which a change of how they were made would explain; no "
    "document on it was found",
    "în 2019 aceste estimări sunt peste cele din 2017 în cele mai multe state deodată, în medie "
    "cu 2,4 puncte (Q044) și 4,9 puncte (Q046), ceea ce s-ar explica printr-o schimbare a felului "
    "în care au fost făcute; nu s-a găsit niciun document despre asta",
)
PRODUCE_2019 = Message(
    "in 2019 these estimates lie above those of 2017 in some nine of ten places and sexes at "
    "once, which a change of how they were made would explain; no document on it was found",
    "în 2019 aceste estimări sunt peste cele din 2017 în vreo nouă din zece locuri și sexe "
    "deodată, ceea ce s-ar explica printr-o schimbare a felului în care au fost făcute; nu s-a "
    "găsit niciun document despre asta",
)
AEROBIC_2023 = Message(
    "in 2023 these estimates lie above those of 2019 in nearly every state at once, which a "
    "change of how they were made would explain; by CDC's codebook activities were recorded as 11 "
    "kinds then (as some 75 up to 2019, from memory), and how strenuous each counts makes these "
    "estimates, which may be that change",
    "în 2023 aceste estimări sunt peste cele din 2019 în aproape toate statele deodată, ceea ce "
    "s-ar explica printr-o schimbare a felului în care au fost făcute; după ghidul de coduri al "
    "CDC, activitățile au fost notate atunci ca 11 feluri (până în 2019 vreo 75, din memorie), "
    "iar cât de intens este socotit fiecare fel hotărăște aceste estimări, ceea ce poate fi acea "
    "schimbare",
)
STRENGTH_2023 = Message(
    "in 2023 these estimates lie above those of 2019 in nearly every state at once, which a "
    "change of how they were made would explain; no document on it was found",
    "în 2023 aceste estimări sunt peste cele din 2019 în aproape toate statele deodată, ceea ce "
    "s-ar explica printr-o schimbare a felului în care au fost făcute; nu s-a găsit niciun "
    "document despre asta",
)
INACTIVE_2023 = Message(
    "in 2023 BRFSS asked more about physical activity again, as in every second year up to 2019, "
    "which go with higher estimates; the nation's of 2023 is above that of 2022 by more than "
    "sampling error, which may be of the survey or of people",
    "în 2023 BRFSS a întrebat din nou mai multe despre activitatea fizică, cum făcea din doi în "
    "doi ani până în 2019, iar în acei ani estimările sunt mai mari; cea din 2023 pentru Statele "
    "Unite este peste cea din 2022 cu mai mult decât eroarea de eșantionare, ceea ce poate ține "
    "de sondaj sau de oameni",
)
ODD_YEARS = Message(
    "In the odd years up to 2019, when BRFSS asked more about physical activity, nearly every "
    "state's estimate is some points above those of the even years beside it: the questionnaire "
    "shows in it, not only people.",
    "În anii impari până în 2019, când BRFSS a întrebat mai multe despre activitatea fizică, "
    "estimarea aproape a fiecărui stat este cu câteva puncte peste cele din anii pari vecini: se "
    "vede în ea chestionarul, nu numai oamenii.",
)
WITHOUT_ODD_YEARS = Message(
    "{what:told} Without odd years, ask for {years}.",
    "{what} Fără anii impari, cere {years}.",
)
INCOME_2021 = Message(
    'From 2021 on, "$75,000 or greater" seems to hold those with $75,000 to less than $100,000 '
    'alone, and "Data not reported" everybody with more: the highest incomes are missing from the '
    "groups of income, so differences by income are probably understated. The sizes of lower "
    "groups jump, too. So these groups are perhaps not comparable with those of earlier years.",
    "Din 2021, „75.000 $ sau mai mult” pare să îi cuprindă numai pe cei cu 75.000 $ până sub "
    "100.000 $, iar „Date neraportate” pe toți cei cu mai mult: veniturile cele mai mari lipsesc "
    "din grupurile de venit, așa că diferențele după venit sunt probabil subestimate. Și mărimile "
    "grupurilor mai mici se schimbă brusc. Deci aceste grupuri poate nu se pot compara cu cele "
    "din anii dinainte.",
)
UNKNOWN_BREAKS_OF_NO_SURVEY = Message(
    "Whether the survey changed how it asks or weights between these years is not known here of "
    "{questions}: a change may be of the survey, not of the people.",
    "Nu se știe aici despre {questions} dacă sondajul a schimbat între acești ani felul în care "
    "întreabă sau ponderează: o schimbare poate ține de sondaj, nu de oameni.",
)
UNKNOWN_BREAKS = Message(
    "Whether {survey:raw} changed how it asks or weights between these years is not known here of "
    "{questions}: a change may be of the survey, not of the people.",
    "Nu se știe aici despre {questions} dacă {survey} a schimbat între acești ani felul în care "
    "întreabă sau ponderează: o schimbare poate ține de sondaj, nu de oameni.",
)
OF_QUESTIONS = Message(
    "{questions}: {warning:told}",
    "{questions}: {warning}",
)
USED_TOGETHER = Message(
    "Years that are not comparable are used together, as asked: a change may be of the survey, "
    "not of the people, and no direction is told.",
    "Ani care nu se pot compara sunt folosiți împreună, cum s-a cerut: o schimbare poate ține de "
    "sondaj, nu de oameni, așa că nu se spune nicio direcție.",
)
OTHERS_LEFT_OUT = Message(
    "The answer is of {compared}. Left out as not comparable with these: {others}. Ask for them "
    'by "years", or for all together by "across_breaks".',
    "Răspunsul este din {compared}. Lăsați deoparte, căci nu se pot compara cu aceștia: {others}. "
    "Se pot cere prin „Ani” („years”) sau toți împreună prin „across_breaks”.",
)
TWO_YEARS_ACROSS = Message(
    "{first} and {last} are not comparable and are compared as asked: the change may be of the "
    "survey, not of the people, and no direction is told.",
    "{first} și {last} nu se pot compara și sunt comparați cum s-a cerut: schimbarea poate ține "
    "de sondaj, nu de oameni, așa că nu se spune nicio direcție.",
)
LEFT_OUT_OF_TWO = Message(
    "Left out as not comparable with {first} and {last}: {years}.",
    "Lăsați deoparte, căci nu se pot compara cu {first} și {last}: {years}.",
)

# The nation, of which states are parts.
PART_OF_NATION = Message(
    "{state} is a part of National: their errors are not independent, and {too_wide:told}.",
    "{state} face parte din Statele Unite: erorile lor nu sunt independente, iar {too_wide}.",
)
PARTS_OF_NATION = Message(
    "The states are parts of National: their errors are not independent, and {too_wide:told}.",
    "Statele fac parte din Statele Unite: erorile lor nu sunt independente, iar {too_wide}.",
)
PERHAPS_OF_NATION = Message(
    "Whether National counts the people of {states} is not known; if it does, {too_wide:told}.",
    "Nu se știe dacă cifrele Statelor Unite îi cuprind pe oamenii din {states}; dacă da, "
    "{too_wide}.",
)
LIMITS_TOO_WIDE = Message(
    "the limits of the difference from National are somewhat too wide",
    "limitele diferenței față de Statele Unite sunt puțin prea largi",
)
TEST_TOO_CAUTIOUS = Message(
    "the test of the difference from National is somewhat conservative",
    "testul diferenței față de Statele Unite este puțin prea prudent",
)

# Estimates that are standardised by age.
NOT_STANDARDISED = Message(
    "Not standardised, for ages without an estimate: {named}.",
    "Nestandardizate, căci unele vârste nu au estimare: {named}.",
)
IMPRECISE_AGES = Message(
    "Standardised with estimates by age which are marked as to withhold when they stand alone; "
    "the mark of the whole goes by its own error: {named}.",
    "Standardizate cu estimări pe vârste care, singure, sunt prea puțin precise pentru a fi "
    "prezentate; întregul este judecat după propria eroare: {named}.",
)

# query
NO_ROW = Message(
    "No row of this dataset that fits the question can be used.",
    "Niciun rând al acestui set de date care se potrivește întrebării nu poate fi folosit.",
)
ALL_PERIODS = Message(
    "What was asked has no single years: an estimate covers the whole period.",
    "Ce s-a cerut nu are ani separați: o estimare cuprinde toată perioada.",
)
LATEST_YEAR = Message(
    'No year was asked for, so values are of the latest: {years}. "where.year" asks for others '
    'and "group_by": ["year"] for all.',
    "Nu s-a cerut niciun an, așa că valorile sunt din ultimul: {years}. Alții se pot cere prin "
    "„An” („where.year”), iar toți grupând după an („group_by”: [„year”]).",
)
NO_INTERVALS = Message(
    "This dataset has no confidence limits, so there are no intervals: {release:told}.",
    "Acest set de date nu are limite de încredere, așa că nu există intervale: {release}.",
)
RELEASE = Message(
    "`{command:raw}` downloads CDC's release, which has them",
    "`{command}` descarcă datele publicate de CDC, care le au",
)
SAME_PEOPLE = Message(
    "Values made of rows that count the same people more than once: {overlapping} of {all}; no "
    "interval can be given for them.",
    "Valori făcute din rânduri care îi numără pe aceiași oameni de mai multe ori: {overlapping} "
    "din {all}; pentru ele nu se poate da un interval.",
)
MIXED_QUESTIONS = Message(
    "Values of different questions are averaged: such a number means little.",
    "Se face media unor valori ale unor întrebări diferite: un astfel de număr spune puțin.",
)
OF_EVERYONE = Message(
    "Strata are not put together, for samples are no shares of the population: values are of "
    "CDC's own rows of Total, which are of everyone.",
    "Grupurile nu sunt puse la un loc, căci numărul celor întrebați nu este o pondere în "
    "populație: valorile sunt ale rândurilor pe care CDC le are pentru toți.",
)
FILLED = Message(
    "{rows|row used holds|rows used hold} a constant where CDC withholds the estimate.",
    "Rânduri folosite care au o constantă acolo unde CDC reține estimarea: {rows}.",
)
STATES_COUNT_THE_SAME = Message(
    "Each state counts the same, however many people live there: this is no prevalence of the "
    'United States; method "national" has that.',
    "Fiecare stat contează la fel, oricâți oameni ar avea: aceasta nu este o prevalență a "
    "Statelor Unite; metoda „national” o are.",
)
NO_LOGIT = Message(
    "Rows of 0 or 100 %, which have no logit, are not pooled ({rows}): the values that lack them "
    'are farther from 0 or 100 % than they should be; method "sample_weighted" uses such rows.',
    "Rândurile de 0 sau 100 %, care nu au logit, nu intră în medie ({rows}): valorile fără ele "
    "sunt mai departe de 0 sau 100 % decât ar trebui; metoda „sample_weighted” le folosește.",
)
STATES_WEIGHTED = Message(
    "States are weighted by how many people were asked there, or by how exactly, not by how many "
    "live there: this is no prevalence of the United States, and no interval for it; method "
    '"national" has that.',
    "Statele sunt ponderate după câți oameni au fost întrebați acolo sau cât de exact, nu după "
    "câți trăiesc acolo: aceasta nu este o prevalență a Statelor Unite, nici un interval pentru "
    "ea; metoda „national” o are.",
)
AVERAGED_YEARS = Message(
    "Values are averages over several years (column years), and of none of them.",
    "Valorile sunt medii peste mai mulți ani (coloana years), nu ale vreunuia dintre ei.",
)
DIFFERENT_YEARS = Message(
    "The groups cover different years (column years): compare them with care.",
    "Grupurile cuprind ani diferiți (coloana years): de comparat cu prudență.",
)
DIFFERENT_PLACES = Message(
    "The groups are of different places: compare them with care. Not in each of them are {places}.",
    "Grupurile sunt din locuri diferite: de comparat cu prudență. Nu în fiecare dintre ele sunt "
    "{places}.",
)
SAME_PERCENTAGE = Message(
    "Pooling takes it that all rows measure the same percentage; where i_squared is high they do "
    "not, and the interval is too narrow.",
    "Punerea la un loc presupune că toate rândurile măsoară același procent; unde i_squared este "
    "mare, nu este așa, iar intervalul este prea îngust.",
)
SAME_NUMBER = Message(
    "Pooling takes it that all rows measure the same number; where i_squared is high they do not, "
    "and the interval is too narrow.",
    "Punerea la un loc presupune că toate rândurile măsoară același număr; unde i_squared este "
    "mare, nu este așa, iar intervalul este prea îngust.",
)
FIRST_ROWS = Message(
    "Only {shown|row is|rows are} here, the first of {found}.",
    "Răspunsul are numai {shown|rând|rânduri} din {found}, de la început.",
)

# trend
NO_YEARS_ASKED = Message(
    "This dataset has no estimate of what was asked in {years}.",
    "Acest set de date nu are nicio estimare pentru ce s-a cerut în {years}.",
)
BY_CHANGE_FEW = Message(
    "In {few|place|places} (of {all}), direction is told by the change from the first year to the "
    "last, not by the line: fewer than {fewest} years have an estimate with a standard error.",
    "În {few|loc|locuri} (din {all}), direcția este spusă de schimbarea din primul an până în "
    "ultimul, nu de dreaptă: mai puțin de {fewest|an are|ani au} o estimare cu eroare standard.",
)
BY_CHANGE_BENT = Message(
    "In {bent|place|places} (of {all}), a straight line shows no clear slope, but the last year "
    "differs clearly from the first: there, direction is told by this change.",
    "În {bent|loc|locuri} (din {all}), o dreaptă nu are o pantă clară, dar ultimul an diferă clar "
    "de primul: acolo, direcția este spusă de această schimbare.",
)
OPPOSED = Message(
    "The line and the change from first to last are both clear, and go opposite ways, so no "
    "direction is told: {states}.",
    "Dreapta și schimbarea de la primul la ultimul an sunt amândouă clare și merg în sensuri "
    "opuse, deci nu se spune nicio direcție: {states}.",
)
AGAINST_THE_CHANGE = Message(
    "Direction is told by the line, though from the first year to the last it went the other way: "
    "{states}.",
    "Direcția este spusă de dreaptă, deși din primul an până în ultimul a fost invers: {states}.",
)
JOINPOINTS = Message(
    "In {joined|place|places} (of {all}), joinpoints are chosen by the same estimates: limits of "
    "annual percentage changes are as if they had been known, and hold the truth less often than "
    "95 times in 100.",
    "În {joined|loc|locuri} (din {all}), punctele de cotitură sunt alese din aceleași estimări: "
    "limitele schimbărilor procentuale anuale sunt calculate ca și cum ar fi fost cunoscute "
    "dinainte și cuprind adevărul mai rar decât de 95 de ori din 100.",
)
OTHER_ENDS = Message(
    "Other first or last years than {years}, so other changes and slopes: {named}.",
    "Primul sau ultimul an diferă de {years}, deci și schimbările și pantele: {named}.",
)
NO_SLOPE = Message(
    "Fewer than three years with an estimate and its standard error, so no slope: {states}.",
    "Mai puțin de trei ani cu o estimare și eroarea ei standard, deci nicio pantă: {states}.",
)

# ranking
NO_HALF_YEAR = Message(
    "No year has estimates of half of the {all} places that have any; {year} has the most "
    "({most}).",
    "În niciun an nu au estimări jumătate din locurile care au vreuna ({all}); în {year} au cele "
    "mai multe ({most}).",
)
LATER_LEFT_OUT = Message(
    "{years} left out: fewer than half of the states have an estimate there.",
    "Ani lăsați deoparte: {years}. Mai puțin de jumătate din state au o estimare atunci.",
)
RANKS_UNKNOWN = Message(
    "No state has confidence limits: how sure the ranks are cannot be told.",
    "Niciun stat nu are limite de încredere: nu se poate spune cât de sigure sunt locurile din "
    "clasament.",
)
RANKS_UNLIMITED = Message(
    "States without a standard error, and so without limits of their ranks: {unsure} of {all}; any "
    "rank is taken as plausible for them where those of others are limited.",
    "State fără eroare standard, deci fără limite ale locului în clasament: {unsure} din {all}; "
    "pentru ele orice loc este socotit plauzibil când se află limitele celorlalte.",
)

# disparity, inequality
LEFT_OUT_UNKNOWN = Message(
    '"{stratum}" is left out: it is no group of people.{share:told}',
    "„{stratum}” sunt lăsate deoparte: nu sunt un grup de oameni.{share}",
)
SHARE_LEFT_OUT = Message(
    " Of the people asked they are {share}, and counted in Total: all strata may lie above it, or "
    "below, and a part of their distance from it is of those who are left out.",
    " Dintre cei întrebați ei sunt {share} și sunt numărați la total: toate grupurile pot fi "
    "peste acesta sau sub el, iar o parte din distanța lor până la el ține de cei lăsați deoparte.",
)
SHARES_LEFT_OUT = Message(
    " Of the people asked they are {least} % to {most} % (most in {state}), and counted in Total: "
    "all strata may lie above it, or below, and a part of their distance from it is of those who "
    "are left out.",
    " Dintre cei întrebați ei sunt de la {least} % la {most} % (cei mai mulți în {state}) și sunt "
    "numărați la total: toate grupurile pot fi peste acesta sau sub el, iar o parte din distanța "
    "lor până la el ține de cei lăsați deoparte.",
)
PART_OF_TOTAL = Message(
    "A stratum is a part of Total, so limits of gaps are too wide and p-values too large: about "
    "sqrt((1 + w) / (1 - w)) times too wide for a stratum that is a share w of the people, so 1.7 "
    "times for men or women. Name a stratum as the reference to compare two of them.",
    "Un grup este o parte din total, așa că limitele diferențelor sunt prea largi, iar valorile p "
    "prea mari: de vreo sqrt((1 + w) / (1 - w)) ori prea largi pentru un grup care are ponderea w "
    "între oameni, deci de 1,7 ori pentru bărbați sau femei. Ca să compari două grupuri, numește "
    "unul ca referință.",
)
BEST_CHOSEN = Message(
    "Each state's reference is the stratum with its most favourable estimate (of those not marked "
    "withhold), chosen from the same data: that favours extreme values, so gaps are somewhat "
    "overstated, and they have neither limits nor p-values. Name a stratum as the reference to "
    "have them.",
    "Referința fiecărui stat este grupul cu cea mai favorabilă estimare (dintre cele destul de "
    "precise), aleasă din aceleași date: asta favorizează valorile extreme, așa că diferențele "
    "sunt puțin supraestimate și nu au nici limite, nici valori p. Ca să le aibă, numește un grup "
    "ca referință.",
)
BEST_OF_FEW = Message(
    "The reference is the best of those strata alone that have estimates: {named}.",
    "Referința este cel mai bun numai dintre grupurile care au estimări: {named}.",
)
NO_REFERENCE_NO_GAPS = Message(
    "No estimate of the reference, so no gaps, in: {states}.",
    "Nicio estimare a referinței, deci nicio diferență, în: {states}.",
)
WEAK_REFERENCE = Message(
    "The reference's own estimate is too imprecise in: {states}.",
    "Estimarea referinței înseși este prea puțin precisă în: {states}.",
)
ALONE_TO_COMPARE = Message(
    "Only one stratum, so nothing to compare, in: {states}.",
    "Un singur grup, deci nimic de comparat, în: {states}.",
)
UNWEIGHTED = Message(
    "Each stratum counts the same, however many people are in it: the measures are of groups, not "
    'of people. Name "shares" where the sizes of the groups are known.',
    "Fiecare grup contează la fel, oricâți oameni ar cuprinde: măsurile sunt ale grupurilor, nu "
    "ale oamenilor. Unde se cunosc mărimile grupurilor, numește-le în „Ponderi” („shares”).",
)
SAME_SHARES = Message(
    "The same shares are taken for each state.",
    "Pentru fiecare stat se iau aceleași ponderi.",
)
RISING_IS_ABOVE = Message(
    "Slope and concentration index are above 0, and the relative index above 1, where estimates "
    "rise from the first stratum to the last.",
    "Indicele pantei și cel de concentrare sunt peste 0, iar indicele relativ peste 1, unde "
    "estimările cresc de la primul grup la ultimul.",
)
MADE_OF_SOME = Message(
    "Made of some strata alone, so compare them with care: {named}.",
    "Calculate numai din unele grupuri, deci de comparat cu prudență: {named}.",
)
ALONE_TO_MEASURE = Message(
    "Only one stratum, so nothing to measure, in: {states}.",
    "Un singur grup, deci nimic de măsurat, în: {states}.",
)
NO_TOTAL = Message(
    "No estimate of Total, so nothing is measured against it, in: {states}.",
    "Nicio estimare pentru total, deci nimic măsurat față de el, în: {states}.",
)
NO_ERROR_OF_TOTAL = Message(
    "No standard error of Total, so nothing is told of what is measured against it, in: {states}.",
    "Nicio eroare standard pentru total, deci nu se spune nimic din ce se măsoară față de el, în: "
    "{states}.",
)
DIVIDED_BY_NOTHING = Message(
    'No "{measure:raw}" of {states}: what it is divided by is 0, or may be.',
    "Niciun „{measure}” pentru {states}: numărul la care se împarte este 0 sau ar putea fi 0.",
)
NO_REFERENCE_NO_MEAN = Message(
    "No estimate of the reference, so no mean difference, in: {states}.",
    "Nicio estimare a referinței, deci nicio diferență medie, în: {states}.",
)
NOISE_UNKNOWN = Message(
    "A stratum has no standard error, so how much of a measure is noise cannot be told, in: "
    "{states}.",
    "Un grup nu are o eroare standard, deci nu se poate spune cât dintr-o măsură este zgomot, în: "
    "{states}.",
)
FEW_TO_ORDER = Message(
    "Fewer than {fewest} strata, so no slope and no concentration, in: {states}.",
    "Mai puțin de {fewest|grup|grupuri}, deci fără indicele pantei și fără cel de concentrare, "
    "în: {states}.",
)

# compare
NOTHING_TO_COMPARE = Message(
    "No estimate of both {first} and {second} to compare in: {questions}.",
    "Nu există câte o estimare și pentru {first}, și pentru {second}, de comparat la: {questions}.",
)
SIDE_NOT_RELEASED = Message(
    "CDC released nothing, in no stratum, for {name}: {questions}.",
    "CDC nu a publicat nimic, pentru niciun grup, pentru {name}: {questions}.",
)
SIDE_WITHHELD = Message(
    "Withheld, for too small a sample of the stratum, for {name}: {questions}.",
    "Reținute, căci din grup au fost întrebați prea puțini oameni, pentru {name}: {questions}.",
)

# correlation
ECOLOGICAL = Message(
    "This is a correlation of states, not of people: what goes together over states need not go "
    "together in a person (the ecological fallacy).",
    "Aceasta este o corelație între state, nu între oameni: ce merge împreună între state nu "
    "merge neapărat împreună la un om (eroarea ecologică).",
)
NO_SAMPLE_OF_STATES = Message(
    "The states are all that there are, and no sample of others: take the limits and the p-value "
    "as a yardstick of how strong the association is, not as a test.",
    "Statele sunt toate câte există, nu un eșantion din altele: limitele și valoarea p sunt o "
    "măsură a tăriei asocierii, nu un test.",
)
SAME_SAMPLES = Message(
    "The same people gave both answers, so the sampling errors of a state's two estimates are "
    "correlated themselves: they may make the coefficient stronger or weaker, or turn its sign; "
    "it is not corrected for.",
    "Aceiași oameni au dat ambele răspunsuri, așa că erorile de eșantionare ale celor două "
    "estimări ale unui stat sunt și ele corelate: pot face coeficientul mai tare sau mai slab ori "
    "îi pot schimba semnul; acest lucru nu este corectat.",
)
TIED = Message(
    "{first} and {second} are tied by what they count: {tie:told}. Their correlation is a result "
    "of that, and says little or nothing of what people do.",
    "{first} și {second} sunt legate prin ceea ce numără: {tie}. Corelația lor rezultă din asta "
    "și spune puțin sau nimic despre ce fac oamenii.",
)
ONE_QUESTION = Message(
    "they are one question, told in two ways",
    "sunt aceeași întrebare, spusă în două feluri",
)
NOBODY_IN_BOTH = Message(
    "nobody is counted in both, so that where one counts more people, fewer are left to the other",
    "nimeni nu este numărat în amândouă, așa că unde una numără mai mulți oameni, celeilalte îi "
    "rămân mai puțini",
)
INACTIVE_APART = Message(
    "nobody is counted in both: whoever is inactive in leisure time has no aerobic minutes",
    "nimeni nu este numărat în amândouă: cine este inactiv în timpul liber nu are minute de "
    "activitate aerobică",
)
COUNTED_IN_BOTH = Message(
    "everybody whom {part} counts is counted in {whole}, too",
    "oricine este numărat la {part} este numărat și la {whole}",
)
BOTH_PARTS = Message(
    "both count a part of the people of {whole}",
    "amândouă numără o parte dintre oamenii de la {whole}",
)
FEW_STATES = Message(
    "Only {states|state has|states have} both: fewer than {fewest} tell nothing.",
    "Numai {states|stat are|state au} ambele estimări: mai puține decât {fewest} nu spun nimic.",
)
ALL_THE_SAME = Message(
    "All states have the same estimate of {what:raw}: nothing goes together with that.",
    "Toate statele au aceeași estimare pentru „{what}”: nimic nu merge împreună cu ea.",
)
MADE_BY_ONE = Message(
    "Without {state} alone Pearson's r is {r}, which is beyond its limits. Go by Spearman's rho.",
    "Fără {state}, coeficientul r al lui Pearson este {r}, în afara limitelor sale. Mai de "
    "încredere este rho al lui Spearman.",
)
NO_STRAIGHT_LINE = Message(
    "Spearman's rho is beyond the limits of Pearson's r: the states do not lie about a straight "
    "line, or a few of them lie far from the others. Go by Spearman's rho.",
    "Coeficientul rho al lui Spearman este în afara limitelor lui r al lui Pearson: statele nu se "
    "află în jurul unei drepte sau câteva sunt departe de celelalte. Mai de încredere este rho al "
    "lui Spearman.",
)
MUCH_NOISE = Message(
    "Sampling error is much of the differences between the states: the mean of the squared "
    "standard errors is {named} of the variance between them. Little can be told of how what is "
    "measured goes together.",
    "Eroarea de eșantionare face mult din diferențele dintre state: media pătratelor erorilor "
    "standard este {named} din varianța dintre ele. Se poate spune puțin despre cât de mult merge "
    "împreună ce se măsoară.",
)
EXACTLY_ONE = Message(
    "A coefficient of exactly 1 or -1 has no limits.",
    "Un coeficient de exact 1 sau -1 nu are limite.",
)
