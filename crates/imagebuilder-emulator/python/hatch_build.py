"""Puts the emulator's command into the wheel. It is not compiled here: the release and the tests have it already."""

import os
import sysconfig

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Command(BuildHookInterface):
    """The hook that hatchling calls."""

    def initialize(self, version, build_data):
        binary = os.environ.get("IMAGEBUILDER_EMULATOR_BINARY")
        if not binary:
            raise SystemExit("IMAGEBUILDER_EMULATOR_BINARY must name the command; `make wheel` sets it")
        platform = os.environ.get("IMAGEBUILDER_EMULATOR_PLATFORM") or sysconfig.get_platform()
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + platform.replace("-", "_")
        build_data["shared_scripts"] = {binary: "imagebuilder-emulator"}
