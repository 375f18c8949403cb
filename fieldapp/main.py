"""``dingpan-field``: start the app."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from fieldapp.settings import Settings, from_arguments


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app until its window is closed; return the exit code."""
    settings = from_arguments(sys.argv[1:] if arguments is None else arguments)
    return run(settings)


def run(settings: Settings) -> int:
    """Run the app; a store that cannot be opened is told in a sentence, and nothing is touched."""
    from fieldapp.store.database import Database
    from fieldapp.store.trouble import StorageTrouble, told

    try:
        with told():
            _prepare_kivy(settings)
        database = Database(settings.data_dir / "dingpan.db")
    except StorageTrouble as trouble:
        return _refuse(settings, _sentence(settings, trouble.code))
    from fieldapp.app import FieldApp

    FieldApp(settings, database).run()
    database.close()
    return 0


def _refuse(settings: Settings, sentence: str) -> int:
    """Say why the app cannot begin: on the console, and on a phone, which has none, on the screen."""
    sys.stderr.write(f"{sentence}\n")
    from kivy.utils import platform

    if platform == "android":
        from fieldapp.refusal import RefusalApp

        RefusalApp(settings, sentence).run()
    return 1


def _prepare_kivy(settings: Settings) -> None:
    """Kivy reads its environment when it is imported: it must leave our arguments alone, and write no log files."""
    os.environ["KIVY_NO_ARGS"] = "1"
    os.environ.setdefault("KIVY_NO_FILELOG", "1")
    os.environ.setdefault("KIVY_LOG_MODE", "PYTHON")
    logging.getLogger("kivy").setLevel(logging.ERROR)
    kivy_home = settings.data_dir / "kivy"
    kivy_home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("KIVY_HOME", str(kivy_home))
    from kivy.config import Config

    width, height = settings.window_size
    Config.set("graphics", "width", str(width))
    Config.set("graphics", "height", str(height))
    Config.set("graphics", "resizable", "0" if os.environ.get("ANDROID_PRIVATE") is None else "1")
    Config.set("input", "mouse", "mouse,disable_multitouch")
    Config.set("kivy", "exit_on_escape", "0")


def _sentence(settings: Settings, code: str) -> str:
    from shared.texts import DEFAULT, load

    return load(settings.language or DEFAULT, "fieldapp")(f"storage.{code}")


if __name__ == "__main__":
    raise SystemExit(main())
