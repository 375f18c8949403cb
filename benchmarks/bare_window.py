"""A bare KivyMD window: what every KivyMD program costs. Prints ``ready`` after its first frame."""

from __future__ import annotations

import os
import sys

os.environ["KIVY_NO_ARGS"] = "1"
os.environ["KIVY_NO_FILELOG"] = "1"
os.environ["KIVY_NO_CONSOLELOG"] = "1"

from kivy.config import Config

Config.set("graphics", "width", "390")
Config.set("graphics", "height", "844")

from kivy.clock import Clock
from kivy.core.window import Window
from kivymd.app import MDApp
from kivymd.uix.label import MDLabel
from kivymd.uix.screen import MDScreen


class Bare(MDApp):
    """One label on one screen."""

    def build(self) -> MDScreen:
        return MDScreen(MDLabel(text="0.000 kg"))

    def on_start(self) -> None:
        Window.bind(on_flip=lambda *_: Clock.schedule_once(self._ready, 0))

    def _ready(self, _: float) -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    Bare().run()
