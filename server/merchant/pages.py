"""Pages."""

from flask import Blueprint

blueprint = Blueprint("merchant", __name__)
