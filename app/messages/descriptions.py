"""What the page says of statistics and of what they are asked."""

from app.messages.message import Message

STATES_MEAN = Message(
    "Mean of each state, ascending",
    "Media fiecărui stat, crescător",
)
STATE_MEAN = Message(
    "Mean of one state",
    "Media unui stat",
)
BEST5 = Message(
    "The five best states, best first",
    "Cele mai bune cinci state, cel mai bun întâi",
)
WORST5 = Message(
    "The five worst states, worst first",
    "Cele mai slabe cinci state, cel mai slab întâi",
)
GLOBAL_MEAN = Message(
    "Mean over all states",
    "Media tuturor statelor",
)
DIFF_FROM_MEAN = Message(
    "Global mean minus each state's mean",
    "Media generală minus media fiecărui stat",
)
STATE_DIFF_FROM_MEAN = Message(
    "Global mean minus one state's mean",
    "Media generală minus media unui stat",
)
MEAN_BY_CATEGORY = Message(
    "Mean of each stratum of each state",
    "Media fiecărui grup din fiecare stat",
)
STATE_MEAN_BY_CATEGORY = Message(
    "Mean of each stratum of one state",
    "Media fiecărui grup dintr-un stat",
)
QUERY = Message(
    "Estimates",
    "Estimări",
)
QUERY_SUMMARY = Message(
    "Estimates, filtered, grouped and pooled, each with its interval and what went into it",
    "Estimări filtrate, grupate și puse la un loc, fiecare cu intervalul ei și cu ce a intrat în "
    "ea",
)
TREND = Message(
    "Trend over the years",
    "Tendința de-a lungul anilor",
)
TREND_SUMMARY = Message(
    "Change over comparable years: from first to last, by a line, and in percent a year",
    "Schimbarea de-a lungul anilor care se pot compara: din primul până în ultimul, printr-o "
    "dreaptă și în procente pe an",
)
CHANGE = Message(
    "Change between two years",
    "Schimbarea dintre doi ani",
)
CHANGE_SUMMARY = Message(
    "Change between two comparable years, with its interval and a test for each state",
    "Schimbarea dintre doi ani care se pot compara, cu intervalul ei și un test pentru fiecare "
    "stat",
)
RANKING = Message(
    "Ranking of the states",
    "Clasamentul statelor",
)
RANKING_SUMMARY = Message(
    "States from best to worst, with the interval of each rank",
    "Statele de la cel mai bun la cel mai slab, cu intervalul fiecărui loc",
)
DISPARITY = Message(
    "Disparities between strata",
    "Diferențe între grupuri",
)
DISPARITY_SUMMARY = Message(
    "Gap and ratio between the strata of a category, with intervals",
    "Diferența și raportul dintre grupurile unei categorii, cu intervale",
)
INEQUALITY = Message(
    "Inequality between strata",
    "Inegalitatea dintre grupuri",
)
INEQUALITY_SUMMARY = Message(
    "How unequal the strata of a category are, in one number: several measures",
    "Cât de inegale sunt grupurile unei categorii, într-un singur număr: mai multe măsuri",
)
COMPARE = Message(
    "Comparison",
    "Comparație",
)
COMPARE_SUMMARY = Message(
    "Two states, or two strata, on every question, with the interval of each difference",
    "Două state sau două grupuri, la fiecare întrebare, cu intervalul fiecărei diferențe",
)
AGAINST = Message(
    "One against the others",
    "Unul față de celelalte",
)
AGAINST_SUMMARY = Message(
    "A state or a stratum against each of the others: clearly higher, lower, or neither",
    "Un stat sau un grup față de fiecare dintre celelalte: clar mai mare, clar mai mic sau niciuna",
)
CORRELATION = Message(
    "Correlation over the states",
    "Corelația între state",
)
CORRELATION_SUMMARY = Message(
    "How two questions go together over the states, with the interval of the coefficient",
    "Cum merg împreună două întrebări între state, cu intervalul coeficientului",
)
# what each parameter is
ONE_QUESTION = Message(
    "Which question to answer.",
    "La ce întrebare să răspundă.",
)
A_QUESTION = Message(
    "its full text, or CDC's id such as Q036",
    "textul ei întreg sau id-ul CDC, cum ar fi Q036",
)
A_DATASET = Message(
    "which dataset to ask, by its name",
    "ce set de date este întrebat, după nume",
)
QUESTION_AND_STATE = Message(
    "Which question to answer, and for which state.",
    "La ce întrebare să răspundă și pentru ce stat.",
)
A_STATE = Message(
    "name of a state, or its abbreviation such as OH",
    "numele unui stat sau abrevierea lui, cum ar fi OH",
)
OF_QUERY = Message(
    "Of which rows to show estimates, how to group them, and how to pool each group.",
    "Ale căror rânduri sunt estimările, cum se grupează și cum se pune la un loc fiecare grup.",
)
QUESTIONS = Message(
    "its text or id, an array of them, or nothing for all",
    "textul sau id-ul ei, o listă de astfel de texte, sau nimic pentru toate",
)
GROUP_BY = Message(
    "what to tell apart",
    "ce se deosebește",
)
WHERE = Message(
    "what to keep of topic, state, year, category and stratum: a name or an array of names; a "
    'year, an array of years, or {{"from", "to"}}',
    "ce se păstrează din temă, stat, an, categorie și grup: un nume sau o listă de nume; un an, o "
    'listă de ani sau {{"from", "to"}}',
)
METHOD = Message(
    "how several rows become one number; overall by default",
    "cum devin mai multe rânduri un singur număr; dacă nu se spune, overall",
)
SORT = Message(
    'a column, with "-" before it for falling order',
    "o coloană, cu „-” în față pentru ordine descrescătoare",
)
LIMIT = Message(
    "so many rows at most; without it, 20,000",
    "cel mult atâtea rânduri; dacă nu se spune, 20.000",
)
ADJUST = Message(
    "age2000 for estimates standardised by age, to the population of 2000; crude ones by default",
    "age2000 pentru estimări standardizate după vârstă, la populația din 2000; dacă nu se spune, "
    "brute",
)
OF_WHERE = Message(
    "Which rows to keep: those with one of the names, or years, in each column that is given.",
    "Ce rânduri se păstrează: cele cu unul dintre nume, sau dintre ani, în fiecare coloană dată.",
)
TOPICS = Message(
    "name of a topic, or several of them",
    "numele unei teme sau mai multe",
)
STATES_OF_WHERE = Message(
    "name or abbreviation of a state, or several of them",
    "numele sau abrevierea unui stat sau mai multe",
)
YEARS_OF_WHERE = Message(
    'a year, an array of years, or {{"from", "to"}}',
    'un an, o listă de ani sau {{"from", "to"}}',
)
CATEGORIES = Message(
    "name of a category, or several of them",
    "numele unei categorii sau mai multe",
)
STRATA = Message(
    "name of a stratum, or several of them",
    "numele unui grup sau mai multe",
)
OF_YEARS = Message(
    "The years from one to another, both included; open where an end is left out.",
    "Anii de la unul până la altul, inclusiv; fără margine unde lipsește un capăt.",
)
OF_TREND = Message(
    "Of which question to show the change, in which states, among whom, and over which "
    "years.\n\n    Of these years, the latest that are comparable are used, or all where breaks "
    "are to be crossed.",
    "La ce întrebare se arată schimbarea, în ce state, la cine și de-a lungul căror ani.\n\n    "
    "Dintre acești ani se folosesc ultimii care se pot compara, sau toți, dacă se cere.",
)
STATES_OR_ALL = Message(
    "a state or several; all by default",
    "un stat sau mai multe; dacă nu se spune, toate",
)
WHOM = Message(
    "whom to count, such as Female; everyone by default",
    "cine se numără, cum ar fi Female; dacă nu se spune, toți",
)
YEARS_OR_ALL = Message(
    "the years from one to another, or a list of single years; all by default",
    "anii de la unul până la altul sau o listă de ani; dacă nu se spune, toți",
)
ACROSS_BREAKS = Message(
    "whether to use years that are not comparable together, too",
    "dacă se folosesc împreună și ani care nu se pot compara",
)
OF_CHANGE = Message(
    "Of which question to show the change, in which states, among whom, and between which "
    "years.\n\n    A year that is left out is the first or the last one comparable with the other.",
    "La ce întrebare se arată schimbarea, în ce state, la cine și între ce ani.\n\n    Un an care "
    "lipsește este primul sau ultimul care se poate compara cu celălalt.",
)
TWO_YEARS = Message(
    "the two years; by default the first and the last of the latest that are comparable",
    "cei doi ani; dacă nu se spune, primul și ultimul dintre cei din urmă care se pot compara",
)
OF_RANKING = Message(
    "By which question to rank, in which year, and among whom; how sure, and of which state.",
    "După ce întrebare se face clasamentul, în ce an și la cine; cât de sigur și pentru ce stat.",
)
LATEST_YEAR = Message(
    "the latest that has enough estimates by default",
    "dacă nu se spune, ultimul care are destule estimări",
)
RANK_LIMITS = Message(
    "how the limits of ranks are found; joint_region by default",
    "cum se află limitele locurilor; dacă nu se spune, joint_region",
)
OWN_RANK = Message(
    "a state whose own rank is limited more narrowly, apart from the others",
    "un stat al cărui loc are limite mai strânse, separat de celelalte",
)
OF_DISPARITY = Message(
    "Whose strata to compare, by which question, in which year, and with which of them.",
    "Ale cui grupuri se compară, după ce întrebare, în ce an și cu care dintre ele.",
)
A_CATEGORY = Message(
    "what tells people apart, such as Income",
    "ce îi deosebește pe oameni, cum ar fi Income",
)
STATES_OR_NATION = Message(
    "a state or several of them; National by default",
    "un stat sau mai multe; dacă nu se spune, Statele Unite",
)
GAPS_FROM = Message(
    "what to compare with: a stratum, Total (the default, where there are rows of it), or best "
    "for the stratum that does best",
    "cu ce se compară: un grup, Total (dacă nu se spune altceva și există rânduri pentru el) sau "
    "best pentru grupul care stă cel mai bine",
)
OF_INEQUALITY = Message(
    "Of which strata to tell the inequality, by which question, where, and in which year.",
    "Inegalitatea căror grupuri se arată, după ce întrebare, unde și în ce an.",
)
MEAN_DIFFERENCE_FROM = Message(
    "what the mean difference is from: a stratum, or Total (the default)",
    "față de ce este diferența medie: un grup sau Total (dacă nu se spune altceva)",
)
SHARES = Message(
    "how many people are in each stratum, or their share of all, by its name; each counts the "
    "same by default",
    "câți oameni sunt în fiecare grup, sau ponderea lor, după numele grupului; dacă nu se spune, "
    "fiecare contează la fel",
)
OF_COMPARE = Message(
    "Which two to compare, and in which year.\n\n    Two states have a stratum and may be "
    "standardised, and two strata have a state; the other keys\n    are left out.",
    "Ce două se compară și în ce an.\n\n    Două state au un grup și pot fi standardizate, iar "
    "două grupuri au un stat; restul cheilor\n    lipsesc.",
)
TWO_STATES = Message(
    "two states",
    "două state",
)
OR_TWO_STRATA = Message(
    "or two strata of one category",
    "sau două grupuri ale unei categorii",
)
TWO_STRATA = Message(
    "two strata of one category",
    "două grupuri ale unei categorii",
)
STATE_OF_STRATA = Message(
    "where the strata are; National by default",
    "unde sunt grupurile; dacă nu se spune, în Statele Unite",
)
OF_AGAINST = Message(
    "Which state or stratum to hold against which others, on which question and in which year.",
    "Ce stat sau grup se compară cu care altele, la ce întrebare și în ce an.",
)
STATE_AGAINST = Message(
    "the state to hold against others; National by default",
    "statul care se compară cu altele; dacă nu se spune, Statele Unite",
)
OTHERS = Message(
    "states: all other states and the District, as by default; places: territories, too; strata: "
    "those of the same category in the same state",
    "states: toate celelalte state și Districtul, dacă nu se spune altceva; places: și "
    "teritoriile; strata: cele ale aceleiași categorii, în același stat",
)
OF_CORRELATION = Message(
    "Which two questions, in which year, and among whom.",
    "Care două întrebări, în ce an și la cine.",
)
TWO_QUESTIONS = Message(
    "two questions",
    "două întrebări",
)
