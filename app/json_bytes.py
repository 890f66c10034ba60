"""JSON to and from bytes. The one place that knows which library does it.

`encode` keeps the order of keys; `decode` refuses what JSON does not have (NaN, lone surrogates,
broken UTF-8) with DecodeError.
"""

from orjson import (
    OPT_APPEND_NEWLINE,
    OPT_INDENT_2,
    JSONDecodeError,
    JSONEncodeError,
    dumps,
    loads,
)

encode = dumps
decode = loads
DecodeError = JSONDecodeError
EncodeError = JSONEncodeError
PRETTY = OPT_INDENT_2 | OPT_APPEND_NEWLINE
