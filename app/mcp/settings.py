"""The settings of `stats mcp`."""

from dataclasses import dataclass

from app.settings import CACHE, DATA, Settings
from app.settings_table import SettingsTable, http_url, setting
from app.sources import Sources


@dataclass(frozen=True, slots=True)
class McpSettings(SettingsTable):
    """What is asked, and where a server answers the same."""

    ABOUT = "Le Stats Sportif for assistants: speaks the Model Context Protocol over stdio."

    @classmethod
    def names_in_file(cls) -> tuple[str, ...]:
        """Return what the server's file may have: this program asks the same datasets."""
        return Settings.names_in_file()

    data: Sources = DATA()
    cache: int = CACHE()
    url: str = setting(
        "http://127.0.0.1:5000", http_url, "URL", "STATS_URL",
        "the server that the addresses of answers are of; it is not asked",
    )  # fmt: skip
