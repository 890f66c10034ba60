"""Why the program refuses what it is asked, and why a job failed."""

from app.messages.message import Message

# What a name or a value must be.
UNKNOWN_NAME = Message(
    'unknown {kind:told} "{name:raw}"',
    "{kind} „{name}” nu se cunoaște",
)
UNKNOWN_NAME_NEAREST = Message(
    'unknown {kind:told} "{name:raw}"; nearest: {nearest:quoted}',
    "{kind} „{name}” nu se cunoaște; cele mai apropiate: {nearest}",
)
UNKNOWN_NAME_OF = Message(
    'unknown {kind:told} "{name:raw}"; known: {known:raw}',
    "{kind} „{name}” nu se cunoaște; se cunosc: {known}",
)
A_QUESTION = Message(
    "question",
    "întrebarea",
)
A_STATE = Message(
    "state",
    "statul",
)
A_TOPIC = Message(
    "topic",
    "tema",
)
A_CATEGORY = Message(
    "category",
    "categoria",
)
A_STRATUM = Message(
    "stratum",
    "grupul",
)
A_DATASET = Message(
    "dataset",
    "setul de date",
)
UNKNOWN_KEY = Message(
    'unknown key "{key:raw}"; known are {known:quoted}',
    "cheia „{key}” nu se cunoaște; se cunosc {known}",
)
UNKNOWN_KEY_OF_ONE = Message(
    'unknown key "{key:raw}"; known is {known:quoted}',
    "cheia „{key}” nu se cunoaște; se cunoaște {known}",
)
UNKNOWN_STATISTIC = Message(
    'unknown statistic "{name:raw}"; known: {known:raw}',
    "statistica „{name}” nu se cunoaște; se cunosc: {known}",
)
UNKNOWN_CHART = Message(
    'unknown kind of chart "{kind:raw}"; known: {known:raw}',
    "graficul de felul „{kind}” nu se cunoaște; se cunosc: {known}",
)
MISSING = Message(
    '"{name:raw}" is missing',
    "„{name}” lipsește",
)
EMPTY = Message(
    '"{name:raw}" is empty',
    "„{name}” este gol",
)
MUST_BE = Message(
    '"{name:raw}" must be {what:told}',
    "„{name}” trebuie să fie {what}",
)
TEXT = Message(
    "text in quotes",
    "un text între ghilimele",
)
TWO_NAMES = Message(
    "an array of two names",
    "o listă de două nume",
)
A_YEAR = Message(
    "a year from {first} to {last}, such as 2019",
    "un an de la {first} la {last}, cum ar fi 2019",
)
YEARS_TO_2023 = Message(
    'like {{"from": 2011, "to": 2023}}',
    'ca {{"from": 2011, "to": 2023}}',
)
YEARS_TO_2019 = Message(
    'like {{"from": 2011, "to": 2019}}',
    'ca {{"from": 2011, "to": 2019}}',
)
YEARS_OR_LIST = Message(
    'like {{"from": 2011, "to": 2023}}, or a list of years: [2012, 2014]',
    'ca {{"from": 2011, "to": 2023}} sau o listă de ani: [2012, 2014]',
)
TRUE_OR_FALSE = Message(
    "true or false",
    "true sau false",
)
SOME_SHARES = Message(
    'an object of numbers above 0, such as {{"Male": 49, "Female": 51}}',
    'un obiect cu numere peste 0, cum ar fi {{"Male": 49, "Female": 51}}',
)
A_WHERE = Message(
    'an object, such as {{"state": "Ohio"}}',
    'un obiect, cum ar fi {{"state": "Ohio"}}',
)
A_SORT = Message(
    'a column, with "-" before it for falling order: {columns:raw}',
    "o coloană, cu „-” în față pentru ordine descrescătoare: {columns}",
)
WHOLE_NUMBER = Message(
    "a whole number from 1 to {most}",
    "un număr întreg de la 1 la {most}",
)
WHOLE_NUMBER_FROM = Message(
    "a whole number from {first} to {most}",
    "un număr întreg de la {first} la {most}",
)
SOME_YEARS = Message(
    'a year from {first} to {last}, an array of years, or {{"from": 2015, "to": 2019}}',
    'un an de la {first} la {last}, o listă de ani sau {{"from": 2015, "to": 2019}}',
)
SOME_OF = Message(
    "an array of some of {known:raw}",
    "o listă dintre {known}",
)
ONE_OF = Message(
    "one of {known:raw}",
    "una dintre valorile {known}",
)
NAME_OR_NAMES = Message(
    "a name, or an array of one or more names, at most {most}",
    "un nume sau o listă de unul sau mai multe nume, cel mult {most}",
)
AMONG = Message(
    '"{name:raw}" must be among {known:raw}',
    "„{name}” trebuie să fie dintre {known}",
)
SECONDS = Message(
    '"wait" must be a number of seconds, such as {seconds}',
    "„wait” trebuie să fie un număr de secunde, cum ar fi {seconds}",
)
OBJECT_EXPECTED = Message(
    "expected a JSON object",
    "se aștepta un obiect JSON",
)
SEVERAL_TIMES = Message(
    '"{name:raw}" comes more than once in the address; one is meant',
    "„{name}” apare de mai multe ori în adresă; trebuie o singură dată",
)
SEVERAL_TIMES_NAME_ONE = Message(
    '"{name:raw}" comes more than once in the address; name one',
    "„{name}” apare de mai multe ori în adresă; numește una",
)
WHOLE_AND_PART = Message(
    '"{whole:raw}" and a part of it are in the address; one is meant',
    "„{whole}” și o parte din el sunt în adresă; trebuie unul singur",
)
PART_AND_WHOLE = Message(
    '"{key:raw}" and "{whole:raw}" are in the address; one is meant',
    "„{key}” și „{whole}” sunt în adresă; trebuie unul singur",
)
TOO_MANY_PARAMETERS = Message(
    "the address has more than {most} parameters",
    "adresa are mai mult de {most|parametru|parametri}",
)
LONG_ADDRESS = Message(
    "the address asks with more than {most} bytes; post a job",
    "adresa întreabă cu mai mult de {most|octet|octeți}; trimite un job",
)
YEARS_REVERSED = Message(
    '"{name:raw}" must not end before it begins: {first} to {last}',
    "„{name}” nu se pot încheia înainte de a începe: de la {first} la {last}",
)
OPEN_YEARS = Message(
    '"where.year" must have "from", "to" or both',
    "„where.year” trebuie să aibă „from”, „to” sau ambele",
)
WRONG_ENDING = Message(
    'the address ends with ".{ending:raw}", and "format" is {format:raw}',
    "adresa se termină cu „.{ending}”, iar „format” este {format}",
)
UNKNOWN_FORMAT = Message(
    '"{format:raw}" is no format of answers; known: {known:raw}',
    "„{format}” nu este un format al răspunsurilor; se cunosc: {known}",
)
GOES_WITH = Message(
    '"{name:raw}" goes with {formats:raw}; the answer is in {wanted:raw}',
    "„{name}” merge cu {formats}; răspunsul este în {wanted}",
)
NO_BODY = Message(
    "a GET has no body here; what is asked stands in the address",
    "aici un GET nu are corp; ce se cere stă în adresă",
)
BODY_NOT_OBJECT = Message(
    "the body is valid JSON, but not an object in braces",
    "corpul este JSON valid, dar nu un obiect între acolade",
)
BODY_NOT_ARRAY = Message(
    "the body is valid JSON, but not an array in brackets",
    "corpul este JSON valid, dar nu o listă între paranteze drepte",
)
BODY_TOO_MANY = Message(
    "the body has more values than so many jobs can have",
    "corpul are mai multe valori decât pot avea atâtea joburi",
)
BODY_TOO_LARGE = Message(
    "the body is larger than {most} KiB",
    "corpul este mai mare de {most} KiB",
)
BODY_EMPTY = Message(
    "the body is empty; expected JSON such as {example:raw}",
    "corpul este gol; se aștepta JSON, cum ar fi {example}",
)
BODY_ENCODING = Message(
    "the body is not valid JSON: it is in {encoding:raw}; send it in UTF-8",
    "corpul nu este JSON valid: este în {encoding}; trimite-l în UTF-8",
)
BODY_INVALID = Message(
    "the body is not valid JSON: {error:raw}",
    "corpul nu este JSON valid: {error}",
)
BODY_TOO_DEEP = Message(
    "the body is nested too deeply",
    "corpul are prea multe niveluri",
)
KEY_TWICE = Message(
    "the body names a key twice",
    "corpul numește o cheie de două ori",
)
NOT_JSON = Message(
    "expected a JSON body, with Content-Type: application/json or none",
    "se aștepta un corp JSON, cu Content-Type: application/json sau fără",
)
NOT_UTF8 = Message(
    "expected a JSON body in UTF-8",
    "se aștepta un corp JSON în UTF-8",
)
ENCODED = Message(
    "expected a JSON body without Content-Encoding",
    "se aștepta un corp JSON fără Content-Encoding",
)
WRONG_KEY = Message(
    'Idempotency-Key must be one key in quotes, such as "8e03978e-40d5-43dd", of 1 to {most} '
    "visible ASCII characters",
    'Idempotency-Key trebuie să fie o cheie între ghilimele, cum ar fi "8e03978e-40d5-43dd", de '
    "la 1 la {most|caracter ASCII vizibil|caractere ASCII vizibile}",
)
HEADER_NOT_ASCII = Message(
    "the header {name:raw} has to be in plain ASCII",
    "antetul {name} trebuie să fie în ASCII simplu",
)
A_JOB_ID = Message(
    '"{name:raw}" must be a job id, such as job_id_7',
    "„{name}” trebuie să fie id-ul unui job, cum ar fi job_id_7",
)
LONG_TEXT = Message(
    '"text" has at most {most} characters',
    "„text” are cel mult {most|caracter|caractere}",
)
A_STATUS = Message(
    '"status" must be running, done or error',
    "„status” trebuie să fie running, done sau error",
)
SOME_JOBS = Message(
    "expected 1 to {most} jobs, found {found}",
    "se așteptau de la 1 la {most|job|joburi}, s-au găsit {found}",
)
JOB_IDS = Message(
    '"job_ids" must be an array of job ids',
    "„job_ids” trebuie să fie o listă de id-uri de joburi",
)
SOME_JOB_IDS = Message(
    "expected at most {most} job ids, found {found}",
    "se așteptau cel mult {most|id|id-uri} de joburi, s-au găsit {found}",
)
BRACES = Message(
    "expected an object in braces",
    "se aștepta un obiect între acolade",
)
MOST_JOBS = Message(
    "at most {most|job|jobs} may wait at a time (--queue)",
    "pot aștepta deodată cel mult {most|job|joburi} (--queue)",
)
NO_QUESTION_NAMED = Message(
    'the address names no question: "q=obesity", say',
    "adresa nu numește nicio întrebare, cum ar fi „q=obesity”",
)
MANY_STATES = Message(
    "the address names {states} states; at most {most}",
    "adresa numește {states|stat|state}; cel mult {most}",
)
LEVEL_OR_CHANGE = Message(
    '"show" must be one of level, change',
    "„show” trebuie să fie level sau change",
)
SOME_KEYS = Message(
    "expected some of {known:raw}",
    "se așteptau unele dintre {known}",
)
PAUSED = Message(
    '"paused" must be true or false',
    "„paused” trebuie să fie true sau false",
)
STEP = Message(
    '"step" must be true, or the name of a thread',
    "„step” trebuie să fie true sau numele unui fir de execuție",
)
NO_SUCH_THREAD = Message(
    "no such thread waits before a step",
    "niciun astfel de fir de execuție nu așteaptă înaintea unui pas",
)

# What does not go together.
BETTER_UNKNOWN = Message(
    "whether low or high is better is not known of {question}",
    "la {question} nu se știe dacă e mai bine puțin sau mult",
)
BETTER_UNKNOWN_NAME = Message(
    'whether low or high is better is not known of {question}: name a "reference"',
    "la {question} nu se știe dacă e mai bine puțin sau mult: numește o referință („reference”)",
)
STATE_AND_STATES = Message(
    '"state" does not go with "states"',
    "„state” nu merge cu „states”",
)
ADJUST_AND_STATES = Message(
    '"adjust" goes with "states" alone',
    "„adjust” merge numai cu „states”",
)
STRATUM_AND_STRATA = Message(
    '"stratum" does not go with "strata"',
    "„stratum” nu merge cu „strata”",
)
STATES_OR_STRATA = Message(
    'either "states" or "strata" must be there: a list of two names',
    "trebuie sau „states”, sau „strata”: o listă de două nume",
)
STATES_AND_STRATA = Message(
    '"states" does not go with "strata": compare two states, or two strata',
    "„states” nu merge cu „strata”: compară două state sau două grupuri",
)
NO_SEVERAL_STRATA = Message(
    '"stratum" must be one of several of a category, not "{stratum}"',
    "„stratum” trebuie să fie unul dintre mai multe grupuri ale unei categorii, nu „{stratum}”",
)
TWO_DIFFERENT = Message(
    '"{key:raw}" must be two different ones; both are "{name}"',
    "„{key}” trebuie să fie două diferite; ambele sunt „{name}”",
)
STATE_MISSING = Message(
    '"state" is missing, and this dataset has no rows of "{nation}"',
    "„state” lipsește, iar acest set de date nu are rânduri pentru „{nation}”",
)
NOT_REPORTED_ALONE = Message(
    '"{stratum}" is no group of people to compare with another',
    "„{stratum}” nu este un grup de oameni care să se compare cu altul",
)
SEVERAL_CATEGORIES = Message(
    '"strata" must be of one category; they are of {categories}, which divide the same people',
    "„strata” trebuie să fie ale unei singure categorii; ele sunt ale categoriilor {categories}, "
    "care împart aceiași oameni",
)
NO_STRATA_OF = Message(
    '"{category}" is {whom:raw}, who cannot be compared among themselves',
    "„{category}” îi cuprinde pe toți, care nu se pot compara între ei",
)
STRATUM_OF = Message(
    '"{key:raw}" must be {total} or a stratum of {category}: {known}',
    "„{key}” trebuie să fie {total} sau un grup al categoriei {category}: {known}",
)
SHARES_OF = Message(
    '"shares" must be of strata of {category}: {known}',
    "„shares” trebuie să fie ale grupurilor categoriei {category}: {known}",
)
SHARES_TWICE = Message(
    '"shares" has "{stratum}" twice',
    "„shares” îl are pe „{stratum}” de două ori",
)
SHARES_EMPTY = Message(
    '"shares" must have some strata, and a finite number of people',
    "„shares” trebuie să aibă câteva grupuri și un număr finit de oameni",
)
SHARES_LACK = Message(
    '"shares" has none of {lacking}',
    "„shares” nu are niciuna pentru {lacking}",
)
NO_COLUMN = Message(
    '"sort": {name:raw} is no column of the answer; add it to "group_by"',
    "„sort”: {name} nu este o coloană a răspunsului; adaug-o la „group_by”",
)
MIXED_TYPES = Message(
    "values of several types ({types:raw}) are never put together: name one question, or have "
    '"question" in "group_by"',
    "valori de mai multe feluri ({types}) nu se pun niciodată la un loc: numește o întrebare sau "
    "pune „question” în „group_by”",
)
OVERALL_NEEDS_TOTAL = Message(
    'this dataset has no rows of Total, which method "overall" needs: name a stratum, or get them: '
    "{release:told}",
    "acest set de date nu are rânduri ale totalului, de care metoda „overall” are nevoie: numește "
    "un grup sau adu-le: {release}",
)
NATIONAL_HAS_NO_STATE = Message(
    'method "national" is about the United States: leave "state" out',
    "metoda „national” este despre Statele Unite: lasă „state” deoparte",
)
NO_NATION = Message(
    "this dataset has no rows of the United States: {release:told}",
    "acest set de date nu are rânduri pentru Statele Unite: {release}",
)
NO_SAMPLE_SIZES = Message(
    "this dataset has no sample sizes: {release:told}",
    "acest set de date nu spune câți au fost întrebați: {release}",
)
NO_CONFIDENCE_LIMITS = Message(
    "this dataset has no confidence limits: {release:told}",
    "acest set de date nu are limite de încredere: {release}",
)
PARTS_TOGETHER = Message(
    "{parts} would be put together, and how large a share of the population each of them is "
    'cannot be told: add "stratum" to "group_by", or name one',
    "s-ar pune la un loc {parts}, fără să se poată spune ce pondere are fiecare în populație: "
    "adaugă „stratum” la „group_by” sau numește unul",
)
OTHER_CATEGORIES = Message(
    '"where.stratum" has strata of other categories than "where.category": {strata}',
    "„where.stratum” are grupuri din alte categorii decât „where.category”: {strata}",
)
STRATA_TOGETHER = Message(
    "strata would be put together, and how large a share of the population each of them is cannot "
    'be told; the row of Total would be the answer, but this dataset has none: add "stratum" to '
    '"group_by", name one as "where.stratum", or get them: {release:told}',
    "s-ar pune la un loc grupuri, fără să se poată spune ce pondere are fiecare în populație; "
    "răspunsul ar fi rândul totalului, dar acest set de date nu îl are: adaugă „stratum” la "
    "„group_by”, numește unul ca „where.stratum” sau adu rândurile: {release}",
)
YEARS_TOGETHER = Message(
    "the rows of this dataset cover several years together ({first}-{last}), and single years "
    "cannot be told apart: {release:told}",
    "rândurile acestui set de date cuprind mai mulți ani la un loc ({first}-{last}), iar anii nu "
    "se pot deosebi: {release}",
)
ADJUST_METHODS = Message(
    '"adjust" goes with the methods "overall" and "national" alone',
    "„adjust” merge numai cu metodele „overall” și „national”",
)
ADJUST_FOR_EVERYONE = Message(
    '"adjust" is for everyone in a place: leave out {parts:quoted}',
    "„adjust” este pentru toți oamenii dintr-un loc: lasă deoparte {parts}",
)
ADJUST_OF_STRATUM = Message(
    '"adjust" is for everyone in a place: there are no estimates by age of "{stratum}"',
    "„adjust” este pentru toți oamenii dintr-un loc: nu există estimări pe vârste pentru "
    "„{stratum}”",
)
ADJUST_NEEDS_AGES = Message(
    '"adjust" needs estimates by age, and this dataset has none of {lacking}: {release:told}',
    "„adjust” are nevoie de estimări pe vârste, iar acest set de date nu le are pentru {lacking}: "
    "{release}",
)
NATION_NOT_RANKED = Message(
    '"state" must be one of those that are ranked; {nation} is not',
    "„state” trebuie să fie unul din clasament; {nation} nu sunt",
)
VALUES_OF_TYPES = Message(
    '"{name:raw}" has values of several types; ask for one of them: {texts:raw}',
    "„{name}” are valori de mai multe feluri; cere unul dintre ele: {texts}",
)

# What a dataset has no estimate of.
COURSE_NO_ESTIMATES = Message(
    '"{question:raw}" has no estimates within 2011-2022',
    "„{question}” nu are estimări între 2011 și 2022",
)
COURSE_STATE_NO_ESTIMATES = Message(
    '{state} has no estimates for "{question:raw}" within 2011-2022',
    "{state} nu are estimări la „{question}” între 2011 și 2022",
)
NO_EVERYONE = Message(
    'this dataset has no estimates for {everyone:raw} (stratum "{total}"); name one of {known} as '
    '"stratum"; {release:told}',
    "acest set de date nu are estimări pentru toți oamenii („{total}”); numește unul dintre "
    "grupurile {known} ca „stratum”; {release}",
)
NO_ESTIMATES = Message(
    "this dataset has no estimates of {what:told}",
    "acest set de date nu are estimări la {what}",
)
NO_SINGLE_YEARS = Message(
    "this dataset has no single years of {what:told}; {release:told}",
    "acest set de date nu are ani separați la {what}; {release}",
)
ONE_PERIOD = Message(
    "this dataset has no single years of {what:told}, only {period:years} as a whole: leave "
    '"year" out; {release:told}',
    "acest set de date nu are ani separați la {what}, ci numai {period} la un loc: lasă „year” "
    "deoparte; {release}",
)
NOT_IN_YEAR = Message(
    "this dataset has no estimates of {what:told} in {year:years}; there are some in "
    "{years:years}{why:told}",
    "acest set de date nu are estimări la {what} în {year}; există în {years}{why}",
)
OTHER_YEARS_ONLY = Message(
    "this dataset has {what:told} in other years only: {years:years}{why:told}",
    "acest set de date are {what} numai în alți ani: {years}{why}",
)
NO_OTHER_YEAR = Message(
    "there is no other year to compare {question} in {year} with: comparable are {groups}",
    "nu există un alt an cu care să se compare {question} din {year}: se pot compara {groups}",
)
NOT_COMPARABLE = Message(
    "{question} in {first:years} and in {last:years} are not comparable; comparable are {groups}; "
    '"across_breaks" compares them all the same',
    "{question} din {first} și din {last} nu se pot compara; se pot compara {groups}; "
    "„across_breaks” îi compară totuși",
)
IN_STRATUM = Message(
    '{question} in the stratum "{stratum}"',
    "{question} în grupul „{stratum}”",
)
IN_STRATUM_FOR = Message(
    '{question} in the stratum "{stratum}" for {states}',
    "{question} în grupul „{stratum}” pentru {states}",
)
STATES_IN_STRATUM = Message(
    '{question} for states in the stratum "{stratum}"',
    "{question} pentru state în grupul „{stratum}”",
)
STATES_IN_AGES = Message(
    "{question} for states in each stratum of age",
    "{question} pentru state în fiecare grupă de vârstă",
)
ONE_AND_OTHERS = Message(
    "{question} for {one} and others to compare it with",
    "{question} pentru {one} și pentru altele cu care să se compare",
)
TWO_OF_CATEGORY = Message(
    "{question} for two strata of {category} in {states}",
    "{question} pentru două grupuri ale categoriei {category} în {states}",
)
ANY_FOR_BOTH = Message(
    "any question for both {first} and {second}",
    "vreo întrebare și pentru {first}, și pentru {second}",
)
BOTH_IN_STRATUM = Message(
    'both questions for the same states in the stratum "{stratum}"',
    "ambele întrebări pentru aceleași state în grupul „{stratum}”",
)

# Charts.
NOTHING_TO_DRAW = Message(
    "there is nothing to draw: the answer has no estimate",
    "nu este nimic de desenat: răspunsul nu are nicio estimare",
)
NO_ROWS_TO_DRAW = Message(
    "there is nothing to draw: the answer has no rows",
    "nu este nimic de desenat: răspunsul nu are niciun rând",
)
NO_BOTH_TO_DRAW = Message(
    "there is nothing to draw: the answer has no estimate of both",
    "nu este nimic de desenat: răspunsul nu are estimări pentru amândouă",
)
FEW_TO_DRAW = Message(
    "there is nothing to draw: fewer than two states have both values",
    "nu este nimic de desenat: mai puțin de două state au ambele valori",
)
MANY_ROWS_TO_DRAW = Message(
    "{rows} rows are too many for a chart; at most {most}",
    "{rows|rând este prea mult|rânduri sunt prea multe} pentru un grafic; cel mult {most}",
)
MANY_LANES = Message(
    "a chart of {rows} rows cannot be read; ask for fewer, at most {most}",
    "un grafic cu {rows|rând|rânduri} nu se poate citi; cere mai puține, cel mult {most}",
)
MANY_LINES = Message(
    "{lines} lines cannot be read; ask for a single stratum, or at most {most} lines in all",
    "{lines|linie|linii} nu se pot citi; cere un singur grup sau cel mult {most|linie|linii} în "
    "total",
)
LINES_NEED_YEARS = Message(
    "lines need more than one year, and the answer has no years to go by",
    "pentru linii trebuie mai mulți ani, iar răspunsul nu îi are",
)
MAP_NEEDS_STATES = Message(
    "a map needs states, and the answer has no estimate of any",
    "pentru o hartă trebuie state, iar răspunsul nu are nicio estimare pentru vreunul",
)
MAP_NEEDS_BY_STATE = Message(
    "a map needs a value for each state, and the answer is not by state",
    "pentru o hartă trebuie o valoare pentru fiecare stat, iar răspunsul nu este pe state",
)
MAP_NEEDS_ONE = Message(
    "a map needs one value for each state; the answer has several, by {others:raw}",
    "pentru o hartă trebuie o singură valoare pentru fiecare stat; răspunsul are mai multe, după "
    "{others}",
)
OF_DOTS = Message(
    "the chart of {statistic:raw} is of dots; it cannot be of kind {kind:raw}",
    "graficul statisticii {statistic} este din puncte; nu poate fi de felul {kind}",
)
DRAWER_ENDED = Message(
    "the process that draws ended before the chart was drawn",
    "procesul care desenează s-a încheiat înainte ca graficul să fie gata",
)
DRAWER_NOT_STARTED = Message(
    "the process that draws could not be started",
    "procesul care desenează nu a putut fi pornit",
)
DRAWN_TOO_SLOWLY = Message(
    "the chart was not drawn within {seconds|second|seconds}: the server is busy, or there is too "
    "much to draw; ask again, or less",
    "graficul nu a fost gata în {seconds|secundă|secunde}: serverul are mult de lucru sau este "
    "prea mult de desenat; cere din nou sau mai puțin",
)
REFERS_OUTSIDE = Message(
    "the chart refers to something outside itself, which is never fetched",
    "graficul trimite la ceva din afara lui, ceea ce nu se aduce niciodată",
)
CANNOT_BE_DRAWN = Message(
    "the chart cannot be drawn: {reason:raw}",
    "graficul nu poate fi desenat: {reason}",
)

# What cannot be now.
TOO_MANY_ANSWERS = Message(
    "many answers are being computed; try again in a moment",
    "se calculează multe răspunsuri; încearcă din nou peste o clipă",
)
TOO_MANY_LARGE = Message(
    "many large answers are being made already; try again in a moment",
    "se fac deja multe răspunsuri mari; încearcă din nou peste o clipă",
)
TOO_MANY_WAIT = Message(
    "as many requests wait as may; try again in a moment",
    "așteaptă deja câte cereri pot aștepta; încearcă din nou peste o clipă",
)
NOT_YET = Message(
    "the answer is not there yet; try again in a moment",
    "răspunsul nu este încă gata; încearcă din nou peste o clipă",
)
NOT_WITHIN = Message(
    "it was not computed within {seconds|second|seconds}",
    "nu a fost calculat în {seconds|secundă|secunde}",
)
TOO_COSTLY = Message(
    "the answer has {size} MB, and without the token {most} MB at most can be had at a time: name "
    'fewer questions, states or years, group by less, or set a "limit"',
    "răspunsul are {size} MB, iar fără token se pot cere cel mult {most} MB deodată: numește mai "
    "puține întrebări, state sau ani, grupează după mai puțin sau pune o limită („limit”)",
)
RELOADING = Message(
    "the dataset is being reloaded already",
    "setul de date este deja reîncărcat",
)
NOT_DONE = Message(
    "{job} is not done yet: ask again once /api/get_results/{job}?wait=30 says that it is",
    "{job} nu este încă gata: întreabă din nou când /api/get_results/{job}?wait=30 spune că este",
)
FAILED_NO_ROWS = Message(
    "{job} failed, so no rows went into it: {reason:told}",
    "{job} a eșuat, deci niciun rând nu a intrat în el: {reason}",
)
CANCELLED_NO_ROWS = Message(
    "{job} was cancelled before it ran",
    "{job} a fost anulat înainte să ruleze",
)
RUNNING_ALREADY = Message(
    "{job} is running already and cannot be cancelled",
    "{job} rulează deja și nu mai poate fi anulat",
)
ENDED_ALREADY = Message(
    "{job} has ended already and cannot be cancelled",
    "{job} s-a încheiat deja și nu mai poate fi anulat",
)

# Why a job failed.
CANCELLED = Message(
    "cancelled before it ran",
    "anulat înainte să ruleze",
)
FAILED_UNEXPECTEDLY = Message(
    "the job failed unexpectedly; the server's log tells more",
    "jobul a eșuat pe neașteptate; jurnalul serverului spune mai mult",
)
TOOK_TOO_LONG = Message(
    "the job took longer than {seconds|second|seconds}",
    "jobul a durat mai mult de {seconds|secundă|secunde}",
)
DIED_TOO_OFTEN = Message(
    "the job was running {times} times when its process died; it is not run again",
    "jobul rula de {times} ori când procesul lui s-a oprit; nu mai este rulat",
)
LOST = Message(
    "the stored result is gone, and the dataset it came from is not served any more; ask again",
    "rezultatul păstrat a dispărut, iar setul de date din care a venit nu mai este servit; "
    "întreabă din nou",
)
CHANGED = Message(
    "the dataset that the job was answered from is not served any more, nor are its rows",
    "setul de date din care a venit răspunsul nu mai este servit, și nici rândurile lui",
)
UNEXPECTED = Message(
    "the server failed unexpectedly; webserver.log tells more",
    "serverul a eșuat pe neașteptate; webserver.log spune mai mult",
)
NO_ROUTE = Message(
    "there is no such route; / tells where the routes are described",
    "nu există o astfel de rută; / spune unde sunt descrise rutele",
)
NO_METHOD = Message(
    "this route does not take this method",
    "această rută nu primește această metodă",
)
RANGE_BEYOND_THE_END = Message(
    "the range of bytes begins beyond the end of the file",
    "intervalul de octeți începe după sfârșitul fișierului",
)
NOT_LOADED = Message(
    "{statistic:raw} could not be loaded; try again in a moment",
    "{statistic} nu a putut fi încărcată; încearcă din nou peste o clipă",
)
TOO_MANY_REQUESTS = Message(
    "at most {most|request|requests} in {window|second|seconds}; ask again in "
    "{seconds|second|seconds}",
    "cel mult {most|cerere|cereri} în {window|secundă|secunde}; întreabă din nou peste "
    "{seconds|secundă|secunde}",
)
TOO_MANY_COMPUTATIONS = Message(
    "at most {most|computation|computations} in {window|second|seconds}; ask again in "
    "{seconds|second|seconds}",
    "cel mult {most|calcul|calcule} în {window|secundă|secunde}; întreabă din nou peste "
    "{seconds|secundă|secunde}",
)
UNKNOWN_FORM = Message(
    "A statistic that this server does not have, or not in this form",
    "O statistică pe care acest server nu o are sau nu o are în această formă",
)
UNSERVED = Message(
    "no worker has the dataset that this was asked of any more; ask again",
    "niciun worker nu mai are setul de date despre care s-a întrebat; întreabă din nou",
)
INVALID_JOB_ID = Message(
    "Invalid job_id",
    "nu există un job cu acest id",
)
EXPIRED = Message(
    "expired: the job was finished and is not kept any more; ask again",
    "expirat: jobul s-a încheiat și nu mai este păstrat; întreabă din nou",
)
GONE = Message(
    "gone: Redis has lost this job, or it was finished long ago; ask again",
    "dispărut: Redis a pierdut acest job sau s-a încheiat demult; întreabă din nou",
)
KEY_REUSED = Message(
    "this Idempotency-Key was used to ask something else; take a new one",
    "acest Idempotency-Key a fost folosit pentru a întreba altceva; ia unul nou",
)
QUEUE_FULL = Message(
    "{jobs|job waits|jobs wait} already; try again in a moment",
    "așteaptă deja {jobs|job|joburi}; încearcă din nou peste o clipă",
)
SHUTTING_DOWN = Message(
    "shutting down",
    "serverul se oprește",
)
CLOSED = Message(
    "this server is public: answers by GET are for everyone, and everything else is closed, for "
    "no token is set (--token)",
    "acest server este public: răspunsurile prin GET sunt pentru toți, iar restul este închis, "
    "căci nu are un token (--token)",
)
YOURS_WAIT = Message(
    "{most} of your questions wait already; ask again when there are answers",
    "așteaptă deja {most|întrebare de-a ta|întrebări de-ale tale}; întreabă din nou când vin "
    "răspunsurile",
)
TOO_MANY_BODIES = Message(
    "too many large bodies are being read; try again in a moment",
    "se citesc prea multe corpuri mari; încearcă din nou peste o clipă",
)
BODY_IN_CHUNKS = Message(
    "send the body with a Content-Length, not in chunks",
    "trimite corpul cu Content-Length, nu pe bucăți",
)
BODY_TOO_SLOW = Message(
    "the body took too long to arrive",
    "corpul nu a sosit la timp",
)
SEVERAL_HOSTS = Message(
    "there is more than one Host",
    "antetul Host apare de mai multe ori",
)
NO_HOST = Message(
    "there is no Host, which HTTP/1.1 asks for",
    "lipsește antetul Host, pe care HTTP/1.1 îl cere",
)

# Who may not ask.
WRONG_TOKEN = Message(
    "the token is not this server's",
    "tokenul nu este al acestui server",
)
NO_TOKEN = Message(
    "this server asks for a token: Authorization: Bearer <token>",
    "acest server cere un token: Authorization: Bearer <token>",
)
FROM_ANOTHER_MACHINE = Message(
    "from another machine, this server needs a token: --token",
    "de pe alt calculator, acest server are nevoie de un token: --token",
)
NOT_ITS_NAME = Message(
    'this server is not called "{name:raw}"; --hosts adds a name',
    "acest server nu se numește „{name}”; --hosts adaugă un nume",
)
USE_POST = Message(
    'by the name "{name:raw}", use POST',
    "sub numele „{name}”, folosește POST",
)
ANOTHER_SITE = Message(
    "a page of another site cannot change anything here",
    "o pagină a altui site nu poate schimba nimic aici",
)
PREFETCH = Message(
    "a prefetch cannot change anything here",
    "o încărcare în avans (prefetch) nu poate schimba nimic aici",
)
BEHIND_PROXY = Message(
    "behind a proxy, this server needs a token: --token",
    "în spatele unui proxy, acest server are nevoie de un token: --token",
)
