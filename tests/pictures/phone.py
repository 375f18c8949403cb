"""A phone to take pictures of: the app in its window at twice the pixels, a camera, a finger."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageFilter

from tests.fieldapp.photographs import a_photograph
from tests.journeys.driver.display import Display
from tests.journeys.driver.window import FieldWindow, Seen
from tests.pictures.album import Album

DENSITY = 2
WIDTH, HEIGHT = 390 * DENSITY, 844 * DENSITY
PIN = "246813"
SEEN_COLOURS = 500


class Phone:
    """One phone with its data; ``window`` is the app while it runs."""

    def __init__(self, display: Display, album: Album, folder: Path) -> None:
        self._display, self._album, self._folder = display, album, folder
        self._frames = folder / "frames"
        self._frames.mkdir(parents=True)
        self._seen = 0
        self.window: FieldWindow

    def start(self, *more: str) -> FieldWindow:
        """Start the app on this phone's data."""
        arguments = ["--data", str(self._folder / "data"), "--frames", str(self._frames)]
        arguments += ["--size", f"{WIDTH}x{HEIGHT}", *more]
        self.window = FieldWindow(self._display, arguments, environment={"KIVY_METRICS_DENSITY": str(DENSITY)})
        return self.window

    def take(self, name: str, *waited_for: str) -> None:
        """Take a picture once these texts are there and nothing moves."""
        for text in waited_for:
            self.window.wait_for(text)
        self.be_still()
        self._album.keep(name, self.window.screenshot())

    def be_still(self) -> None:
        """Wait until the screen no longer changes."""
        self.window.until(lambda: len({self.window.look() for _ in range(3)}) == 1, "the screen to stand still")
        self.window.until(lambda: len({self.window.screenshot().tobytes() for _ in range(3)}) == 1, "the same pixels")

    @property
    def photos(self) -> int:
        """How many photos of instruments are on the phone."""
        return sum(path.is_file() for path in (self._folder / "data" / "photos").rglob("*"))

    # The camera

    def show(self, picture: Image.Image) -> None:
        """Hold the camera before something; a camera never shows half a picture."""
        self._seen += 1
        picture.save(self._frames / "next.part", "JPEG", quality=90)
        (self._frames / "next.part").rename(self._frames / f"{self._seen:03d}.jpg")

    def show_code(self, text: str, *, is_sharp: bool = True) -> None:
        """Hold the camera before a printed code, in focus or not yet."""
        picture = a_photograph(text, seed=5, size=(960, 1280), module_px=7 if is_sharp else 6)
        self.show(picture if is_sharp else out_of_focus(picture))

    def wait_for_preview(self) -> None:
        """Wait until what the camera sees is on the screen."""
        box = (WIDTH // 4, HEIGHT // 3, WIDTH * 3 // 4, HEIGHT // 2)
        colours = SEEN_COLOURS
        self.window.until(
            lambda: len(self.window.screenshot().crop(box).getcolors(WIDTH * HEIGHT) or ()) > colours, "the preview"
        )

    # The finger

    def press_button(self, text: str) -> None:
        """Tap the big button that says this: titles often say the same."""

        def found() -> Seen | None:
            buttons = (one for one in self.window.look().widgets if one.kind == "BigButton" and one.is_enabled)
            return next((one for one in buttons if one.says(text)), None)

        self.window.tap_at(*self.window.until(found, f"the button {text!r}").middle)

    def scroll_and_tap(self, text: str) -> None:
        """Tap what may be further down."""
        self.window.scroll_to(text)
        self.window.tap(text)

    def sign(self) -> None:
        """Write something like a name on the pad."""
        pad = self.window.until(
            lambda: [one for one in self.window.look().widgets if one.kind == "SignaturePad"], "a pad to sign on"
        )[0]
        for stroke in STROKES:
            self.window.draw([(round(pad.x + pad.width * x), round(pad.y + pad.height * y)) for x, y in stroke])


STROKES = (
    [(0.22, 0.30), (0.19, 0.50), (0.14, 0.72)],
    [(0.23, 0.27), (0.33, 0.27), (0.35, 0.45), (0.35, 0.66), (0.32, 0.70)],
    [(0.23, 0.40), (0.27, 0.40), (0.31, 0.39)],
    [(0.27, 0.32), (0.27, 0.42), (0.27, 0.52)],
    [(0.23, 0.52), (0.27, 0.52), (0.31, 0.51)],
    [(0.25, 0.60), (0.25, 0.70), (0.30, 0.70), (0.30, 0.60), (0.25, 0.60)],
    [(0.52, 0.28), (0.58, 0.28), (0.65, 0.27)],
    [(0.58, 0.20), (0.58, 0.40), (0.57, 0.62), (0.53, 0.72)],
    [(0.50, 0.45), (0.60, 0.45), (0.70, 0.43)],
    [(0.60, 0.47), (0.66, 0.60), (0.74, 0.70)],
)


def out_of_focus(picture: Image.Image) -> Image.Image:
    """Return a picture before the lens has found its distance."""
    return picture.filter(ImageFilter.GaussianBlur(9))
