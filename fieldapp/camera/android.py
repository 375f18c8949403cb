"""The camera of an Android phone, through CameraX (camera-core, -camera2, -lifecycle 1.4) and pyjnius.

CameraX hands every frame to an analyser on a thread of its own; only the plane of light (Y of YUV 4:2:0) is taken. All
that CameraX wants implemented are interfaces, which pyjnius can do; the life cycle is our own, so that the camera runs
exactly from ``start`` to ``stop``. Permission is asked for before anything else; until it is given there is no frame.
Not yet run on a phone: its tests drive it with stand-ins for the Java classes.
"""

from __future__ import annotations

from typing import Any

from fieldapp.camera.java import Java, android_java
from fieldapp.camera.port import Frame, NoCamera, Pixels

WIDTH, HEIGHT = 1280, 720
QUARTER = 90
CAMERA = "android.permission.CAMERA"


class AndroidCamera:
    """Serves the back camera; ``java`` is what reaches the Java side."""

    def __init__(self, java: Java | None = None) -> None:
        self._java = java or android_java()
        self._frame: Frame | None = None
        self._number = 0
        self._is_on = False
        self._owner: Any = None
        self._kept: list[Any] = []

    def start(self) -> None:
        """Begin, as soon as the permission is there; raises NoCamera when it was refused for good."""
        self._is_on, self._frame = True, None
        if self._java.is_granted(CAMERA):
            self._java.on_main_thread(self._bind)
        elif not self._java.ask_for(CAMERA, self._answered):
            raise NoCamera("not_allowed")

    def stop(self) -> None:
        """End; CameraX frees the device when the life cycle ends."""
        self._is_on = False
        self._java.on_main_thread(self._end)

    def latest(self) -> Frame | None:
        """Return the newest frame."""
        return self._frame

    def _answered(self, is_granted: bool) -> None:
        if is_granted and self._is_on:
            self._java.on_main_thread(self._bind)

    def _bind(self) -> None:
        """Wait for CameraX to be ready; on Android's main thread, as CameraX demands."""
        if self._is_on:
            future = self._java.new("androidx.camera.lifecycle.ProcessCameraProvider").getInstance(self._java.activity)
            ready = self._java.runnable(lambda: self._open(future.get()))
            self._kept = [ready]
            future.addListener(ready, self._java.main_executor)

    def _open(self, provider: Any) -> None:
        if not self._is_on:
            return
        analysis = self._analysis()
        analyser = self._java.analyser(self._take)
        analysis.setAnalyzer(self._java.background_executor, analyser)
        self._owner = self._java.life_cycle()
        self._kept += [analyser, self._owner]
        selector = self._java.new("androidx.camera.core.CameraSelector").DEFAULT_BACK_CAMERA
        provider.unbindAll()
        provider.bindToLifecycle(self._owner, selector, [analysis])
        self._owner.begin()

    def _analysis(self) -> Any:
        core = self._java.new("androidx.camera.core.ImageAnalysis")
        size = self._java.new("android.util.Size")(WIDTH, HEIGHT)
        builder = self._java.new("androidx.camera.core.ImageAnalysis$Builder")()
        builder.setTargetResolution(size)
        builder.setBackpressureStrategy(core.STRATEGY_KEEP_ONLY_LATEST)
        return builder.build()

    def _end(self) -> None:
        if self._owner is not None:
            self._owner.end()
        self._owner, self._kept = None, []

    def _take(self, image: Any) -> None:
        """Take one frame; an image that is not closed would stop the camera. One may come after the end."""
        try:
            if self._is_on:
                self._number += 1
                self._frame = self._read(image)
        finally:
            image.close()

    def _read(self, image: Any) -> Frame:
        plane = image.getPlanes()[0]
        return _light(
            self._java.bytes_of(plane.getBuffer()),
            number=self._number,
            width=image.getWidth(),
            height=image.getHeight(),
            row_bytes=plane.getRowStride(),
            turned=image.getImageInfo().getRotationDegrees() // QUARTER,
        )


def _light(content: bytes, *, number: int, width: int, height: int, row_bytes: int, turned: int) -> Frame:
    """Return the frame of a plane whose rows may be padded; the last row often lacks its padding."""
    if row_bytes == width:
        rows = content[: width * height]
    else:
        rows = b"".join(content[row * row_bytes : row * row_bytes + width] for row in range(height))
    return Frame(number, width, height, rows, Pixels.LUMA, turned)
