"""The demo city: invented people, places and two years of work, drawn from a seed.

``city.draw_city`` draws it whole, purely: regions, units and people, then places with their parties and instruments
(``quarters``), then what happened (``verifications``, ``rounds``, ``plans``, ``visits``, ``findings``) and what is to
be done today (``tasks``). ``pictures.draw_pictures`` draws what the instruments look like.
"""
