"""The network of an Android phone, asked of its ConnectivityManager.

``isActiveNetworkMetered`` (API level 16) is true for mobile data, for a hotspot that says so, and where there is no
network. It needs ACCESS_NETWORK_STATE, which is granted with the installation.
Not yet run on a phone: its tests drive it with stand-ins for the Java classes.
"""

from __future__ import annotations

from fieldapp.camera.java import Java, android_java


class AndroidNetwork:
    """Asks the system each time, as a phone goes from one network to another; ``java`` reaches the Java side."""

    def __init__(self, java: Java | None = None) -> None:
        self._java = java or android_java()

    def is_metered(self) -> bool:
        """Say whether the system counts the bytes; a system that refuses to say is taken to count them."""
        try:
            name = self._java.new("android.content.Context").CONNECTIVITY_SERVICE
            manager = self._java.activity.getSystemService(name)
            return manager is None or bool(manager.isActiveNetworkMetered())
        except self._java.exception:
            return True
