"""The fixtures, which pytest finds by itself."""

import pytest

from imagebuilder_emulator import running


@pytest.fixture
def image_builder_flags():
    """The flags of the emulator; define a fixture of this name to change them."""
    return []


@pytest.fixture
def image_builder(image_builder_flags):
    """An emulator of EC2 Image Builder on a free port, of this test only."""
    with running(*image_builder_flags) as emulator:
        yield emulator
