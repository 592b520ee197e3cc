"""Puts presets and assets into the package, so that an installed command knows them."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
DATA = ("presets", "assets")


class WithData(build_py):
    """What `build_py` does, and the data that a checkout keeps beside the package."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # a checkout has them where they are
            return
        target = Path(self.build_lib) / "studio" / "data"
        for name in DATA:
            shutil.copytree(HERE / name, target / name, dirs_exist_ok=True)
        shutil.copy(HERE / "requirements.txt", target)


setup(cmdclass={"build_py": WithData})
