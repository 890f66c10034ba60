"""Columns that the tables of several statistics have."""

from app.statistics.table import Column

STATE = Column("state", "text", "the location's name")
VALUE = Column("value", "number", "the estimate, {in_share}")
LOW = Column("low", "number", "lower 95 % confidence limit of value, {value}, as CDC has it")
HIGH = Column("high", "number", "upper 95 % confidence limit of value, {value}, as CDC has it")
SAMPLE_SIZE = Column("sample_size", "integer", "how many people were asked")
ROWS_USED = Column("rows_used", "integer", "how many rows of the dataset this is made of")
# Only where the dataset has rows without an estimate.
ROWS_NOT_RELEASED = Column(
    "rows_not_released",
    "integer",
    "rows of places and years for which CDC released nothing; counted nowhere else",
)
STATUS = Column(
    "status",
    "text",
    '"estimate"; without one "withheld" (the stratum\'s sample is too small), "not released" (CDC '
    'released nothing for the place and year), or "no estimate" (why is not known)',
)
PRESENTATION = Column(
    "presentation",
    "text",
    'by NCHS\'s standard for proportions: "show", "caution: why", or "withhold: why"',
)
# What a p-value is where six decimals are all zeros: it is never 0.
SMALL_P = "0.0 stands for less than 0.0000005"
