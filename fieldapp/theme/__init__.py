"""The look on the phone: one theme made from ``shared/look``, and the widgets every screen is built of.

``material.apply_theme`` dresses the app once at the start. A widget here has properties in and events out; it
holds no rule and no text. Importing this package loads nothing of Kivy; each widget loads its own module and
its ``.kv`` when a screen first imports it, because the first screen has to stand in little more than a second.
"""
