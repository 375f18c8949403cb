"""Tests of the server; what they share explains a failed assertion as a test does."""

import pytest

pytest.register_assert_rewrite("tests.server.protocol")
