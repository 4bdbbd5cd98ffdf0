"""Every setting of the hub, a sentence each; read once, passed on frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from mdm.errors import BadConfiguration


class Settings(BaseSettings):
    """What the hub needs to know of where it runs; from `MDM_*` variables and a `.env` file."""

    model_config = SettingsConfigDict(
        env_prefix="MDM_", env_file=".env", extra="ignore", frozen=True
    )

    database_url: str = Field(
        "sqlite:///mdm.db",
        description="The database: sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
    )
    keys: Path | None = Field(
        None, description="File of the keys that seal protected values; by default beside SQLite."
    )
    anchors: Path | None = Field(
        None, description="File the heads of the audit are written to; by default beside SQLite."
    )
    broker_url: str = Field(
        "embedded",
        description="Where events go: embedded, mqtt://HOST:PORT, mqtts://HOST:PORT, or none.",
    )
    config: Path | None = Field(
        None,
        description="Folder with sources, subscriptions, ownership and survivorship, each a folder"
        " of YAML files that lie over the built-in.",
    )
    hub_id: str = Field("hub", description="Name of this hub in the source of its events.")
    cores: int = Field(0, description="Worker processes of a load; 0: as many as there are cores.")
    public_url: str = Field(
        "http://127.0.0.1:8080", description="Where users and subscribers reach this hub over HTTP."
    )

    def __init__(self, **given: Any) -> None:
        """Reads them; BadConfiguration names the one that cannot be what it says."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            first = error.errors()[0]
            name = "MDM_" + "_".join(map(str, first["loc"])).upper()
            raise BadConfiguration(
                f"{name} is {first['input']!r}: {first['msg']}."
                " `mdm settings` lists what each means."
            ) from error

    @property
    def keys_file(self) -> Path:
        """Where the keys are: as set, else beside the SQLite file, else in the working folder."""
        return self.keys or self._beside_database(".keys")

    @property
    def anchors_file(self) -> Path:
        """Where anchors go: as set, else beside the SQLite file, else in the working folder."""
        return self.anchors or self._beside_database(".anchors")

    def _beside_database(self, ending: str) -> Path:
        if self.database_url.startswith("sqlite:///"):
            return Path(self.database_url.removeprefix("sqlite:///")).with_suffix(ending)
        return Path(f"mdm{ending}")
