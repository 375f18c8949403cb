"""The one thing an app shows that cannot open its data: why, in a sentence. It asks for nothing and touches nothing."""

from __future__ import annotations

from kivymd.app import MDApp

from fieldapp.settings import Settings
from fieldapp.theme.material import apply_theme
from fieldapp.theme.state_box import StateBox


class RefusalApp(MDApp):
    """A phone has no console on which the sentence could be read; closing in silence would look like a fault."""

    def __init__(self, settings: Settings, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence
        apply_theme(self, fonts=settings.fonts_dir)

    def build(self) -> StateBox:
        """Show the sentence."""
        return StateBox(kind="error", sentence=self._sentence, pos_hint={"center_y": 0.5})
