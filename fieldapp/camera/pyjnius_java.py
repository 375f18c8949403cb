"""The Java side through pyjnius and python-for-android. Importable on a phone only; not yet run on one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from android import activity as activities
from android.permissions import check_permission, request_permissions
from android.runnable import run_on_ui_thread
from jnius import JavaException, PythonJavaClass, autoclass, java_method

CREATED, STARTED, RESUMED, DESTROYED = "CREATED", "STARTED", "RESUMED", "DESTROYED"
# Request codes are 16 bits wide, and the app's other parts use small ones, for permissions for example.
FIRST_QUESTION = 0x4400


class _Runnable(PythonJavaClass):
    """java.lang.Runnable."""

    __javainterfaces__ = ("java/lang/Runnable",)
    __javacontext__ = "app"

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self._call = call

    @java_method("()V")
    def run(self) -> None:
        """Run the call."""
        self._call()


class _Analyser(PythonJavaClass):
    """androidx.camera.core.ImageAnalysis.Analyzer."""

    __javainterfaces__ = ("androidx/camera/core/ImageAnalysis$Analyzer",)
    __javacontext__ = "app"

    def __init__(self, take: Callable[[Any], None]) -> None:
        super().__init__()
        self._take = take

    @java_method("(Landroidx/camera/core/ImageProxy;)V")
    def analyze(self, image: Any) -> None:
        """Hand one image on."""
        self._take(image)

    @java_method("()Landroid/util/Size;")
    def getDefaultTargetResolution(self) -> Any:  # noqa: N802 - the name is Java's
        """Leave the size to the builder."""
        return None

    @java_method("()I")
    def getTargetCoordinateSystem(self) -> int:  # noqa: N802 - the name is Java's
        """COORDINATE_SYSTEM_ORIGINAL."""
        return 0


class _LifeCycle(PythonJavaClass):
    """androidx.lifecycle.LifecycleOwner that is resumed from ``begin`` to ``end``."""

    __javainterfaces__ = ("androidx/lifecycle/LifecycleOwner",)
    __javacontext__ = "app"

    def __init__(self) -> None:
        super().__init__()
        self._states = autoclass("androidx.lifecycle.Lifecycle$State")
        self._registry = autoclass("androidx.lifecycle.LifecycleRegistry")(self)

    @java_method("()Landroidx/lifecycle/Lifecycle;")
    def getLifecycle(self) -> Any:  # noqa: N802 - the name is Java's
        """Return the life cycle."""
        return self._registry

    def begin(self) -> None:
        """Resume, step by step as Android does."""
        for name in (CREATED, STARTED, RESUMED):
            self._registry.setCurrentState(getattr(self._states, name))

    def end(self) -> None:
        """Destroy."""
        self._registry.setCurrentState(getattr(self._states, DESTROYED))


class _Answers:
    """What other activities answer, by the number each was asked under.

    python-for-android's listener is bound at the first question and stays: Android's side walks through its listeners
    while it calls them, so one that took itself away would break that walk.
    """

    def __init__(self) -> None:
        self._numbers = count(FIRST_QUESTION)
        self._waiting: dict[int, Callable[[int, Any], None]] = {}
        self._is_bound = False

    def wait(self, answered: Callable[[int, Any], None]) -> int:
        """Return the number to ask under."""
        if not self._is_bound:
            activities.bind(on_activity_result=self._take)
            self._is_bound = True
        number = next(self._numbers)
        self._waiting[number] = answered
        return number

    def forget(self, number: int) -> None:
        """Wait for an answer no more."""
        self._waiting.pop(number, None)

    def _take(self, number: int, result: int, answer: Any) -> None:
        answered = self._waiting.pop(number, None)
        if answered is not None:
            answered(result, answer)


ANSWERS = _Answers()


class PyjniusJava:
    """``fieldapp.camera.java.Java`` on a phone."""

    exception = JavaException

    def __init__(self) -> None:
        self.activity = autoclass("org.kivy.android.PythonActivity").mActivity
        self.main_executor = autoclass("androidx.core.content.ContextCompat").getMainExecutor(self.activity)
        self.background_executor = autoclass("java.util.concurrent.Executors").newSingleThreadExecutor()

    def new(self, name: str) -> Any:
        return autoclass(name)

    def runnable(self, call: Callable[[], None]) -> Any:
        return _Runnable(call)

    def analyser(self, take: Callable[[Any], None]) -> Any:
        return _Analyser(take)

    def life_cycle(self) -> Any:
        return _LifeCycle()

    def bytes_of(self, buffer: Any) -> bytes:
        content = bytearray(buffer.remaining())
        buffer.get(content)
        return bytes(content)

    def on_main_thread(self, call: Callable[[], None]) -> None:
        run_on_ui_thread(call)()

    def is_granted(self, permission: str) -> bool:
        return bool(check_permission(permission))

    def ask_for(self, permission: str, answered: Callable[[bool], None]) -> bool:
        request_permissions([permission], lambda _, grants: answered(all(grants)))
        return True

    def ask_activity(self, intent: Any, answered: Callable[[int, Any], None]) -> None:
        number = ANSWERS.wait(answered)
        try:
            self.activity.startActivityForResult(intent, number)
        except JavaException:
            ANSWERS.forget(number)
            raise
