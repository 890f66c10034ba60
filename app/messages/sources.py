"""Where figures are from, for a source line."""

from app.messages.message import Message

COURSE_SUBSET = Message(
    "the course's subset of CDC's release {dataset} of {years:years} (public domain)",
    "subsetul cursului din versiunea {dataset} a CDC pentru {years} (domeniu public)",
)
SEVERAL_RELEASES = Message(
    "CDC's release {datasets} (public domain)",
    "versiunea {datasets} a CDC (domeniu public)",
)
UNKNOWN_FILE = Message(
    "{file:raw} ({title:told}); where the file is from is not known",
    "{file} ({title}); nu se știe de unde provine fișierul",
)
NOT_SERVED = Message(
    "a dataset that is not served any more",
    "un set de date care nu mai este servit",
)

# What a layout is of.
BRFSS = Message(
    "Behavioral Risk Factor Surveillance System: adults in the United States",
    "Behavioral Risk Factor Surveillance System: adulți din Statele Unite",
)
WIC = Message(
    "Women, Infants, and Children Participant and Program Characteristics: children in WIC, "
    "most of 2 to 4 years",
    "Women, Infants, and Children Participant and Program Characteristics: copii din WIC, cei mai "
    "mulți de 2-4 ani",
)
YRBSS = Message(
    "Youth Risk Behavior Surveillance System: high-school students, grades 9 to 12",
    "Youth Risk Behavior Surveillance System: elevi de liceu, clasele 9-12",
)
OTHER = Message(
    "another survey in CDC's columns: who was asked, and how, is not known",
    "alt sondaj în coloanele CDC: nu se știe cine a fost întrebat și cum",
)
CDI = Message(
    "Chronic Disease Indicators: of many sources, crude and age-adjusted",
    "Chronic Disease Indicators: din multe surse, brute și standardizate după vârstă",
)
