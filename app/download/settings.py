"""The settings of a download."""

from dataclasses import dataclass
from pathlib import Path

from app.settings_table import (
    SettingsTable,
    a_path,
    flag,
    header_text,
    http_url,
    setting,
    whole,
)
from app.sources import DOWNLOAD

MOST_PAGE_ROWS = 50_000  # that Socrata gives at once


def app_token(text: str) -> str:
    """Read an app token of Socrata."""
    if " " in text:
        raise ValueError("plain ASCII without spaces")
    return header_text(text)


@dataclass(frozen=True, slots=True, repr=False)  # a repr would show secrets
class DownloadSettings(SettingsTable):
    """What to download: from where, to which file, whether it must be anew, and how."""

    ABOUT = (
        "Downloads CDC's current BRFSS release on nutrition, physical activity and obesity. The"
        " file that is there is replaced only by a whole new one."
    )

    to: Path = setting(DOWNLOAD, a_path, "PATH", "", "where to put it")
    base: str = setting(
        "https://data.cdc.gov", http_url, "URL", "", "the server to ask",
        option="--from",
        secret=True,
    )  # fmt: skip
    paged: bool = flag("ask for the rows page by page, not for the export")
    page_rows: int = setting(10_000, whole(1, MOST_PAGE_ROWS), "N", "", "rows of a page")
    force: bool = flag("download even what is here already")
    token: str = setting(
        "", app_token, "TOKEN", "SOCRATA_APP_TOKEN",
        "app token of Socrata, not needed; other users of the machine cannot see it when it is"
        " given as the variable",
        secret=True,
    )  # fmt: skip
