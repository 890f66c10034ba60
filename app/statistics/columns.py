"""Columns that the tables of several statistics have."""

from app.statistics.table import Column

STATE = Column("state", "text", "the location's name")
VALUE = Column("value", "number", "the estimate, {in_share}")
LOW = Column("low", "number", "lower 95 % confidence limit of value, {value}, as CDC has it")
HIGH = Column("high", "number", "upper 95 % confidence limit of value, {value}, as CDC has it")
SAMPLE_SIZE = Column("sample_size", "integer", "how many people were asked")
ROWS_USED = Column("rows_used", "integer", "how many rows of the dataset this is made of")
RELIABILITY = Column(
    "reliability", "text", '"reliable", "unreliable: why", or "unknown: what is missing to tell"'
)
