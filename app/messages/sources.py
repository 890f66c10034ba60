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
    "{file:raw} ({title:raw}); where the file is from is not known",
    "{file} ({title}); nu se știe de unde provine fișierul",
)
