"""Rules that the server and the field app both obey.

Nothing in this package reads a clock, a network, Flask or Kivy, nor any disk beyond its own package data: it runs
unchanged on a server and on a phone.
"""

__version__ = "0.1.0"
