"""The screen of a check."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.number_pad import NumberPad
from fieldapp.theme.verdict_strip import VerdictStrip
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.few_rows import FewRows
from fieldapp.widgets.panel import Scrolled

__all__ = ["CheckScreen", "Choices", "FewRows", "NumberPad", "Scrolled", "VerdictStrip"]

load_kv(__file__)


class CheckScreen(Screen):
    """Shows a ``CheckViewModel``; while something is typed the pad at the bottom is what matters."""

    def opened(self) -> None:
        """Show the pad, or the result from its top."""
        self.ids.page.scroll_y = 1 if self.vm.state == "result" else 0
