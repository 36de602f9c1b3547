"""Fixtures of the fold's tests."""

import pytest

from support.log_events import Build


@pytest.fixture
def build() -> Build:
    return Build()
