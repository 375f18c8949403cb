"""Drives the field app in a real window: a program of its own under Xvfb, touched with xdotool, seen pixel by pixel.

The app is started through ``launch``, which adds a probe that can only look: it answers which widgets are on the
screen, with their texts and places. Everything that is done goes through the X server, as a finger would.
"""
