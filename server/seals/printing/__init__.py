"""Labels for paper, screen and NFC tag: the QR, what stands beside it, the sheets, and the board of a station.

``code`` makes the QR, ``face`` says what stands on a label and where, ``layouts`` knows the sticker sheets; ``paper``,
``picture`` and ``ndef`` write it down. ``orders`` reads from the database what is to be printed. Lengths are
millimetres from the upper left corner, except inside ``paper``, where ReportLab counts points from below.
"""
