"""Is the installed wheel what a scanner's user should get?  Usage: inspect_wheel.py WHEEL ENVIRONMENT MEGABYTES."""

import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path

UNWANTED = {"torch", "torch-geometric", "accelerate", "hydra-core", "omegaconf", "mlflow", "mlflow-skinny", "pandas", "scipy"}


def main(wheel: str, environment: str, megabytes: str) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    foreign = [name for name in names if name.split("/")[0] != "buglab" and ".dist-info/" not in name]
    if foreign:
        sys.exit(f"the wheel puts more than buglab/ into site-packages: {foreign}")
    tests = [name for name in names if name.startswith(("buglab/tests/", "buglab/benchmarks/", "buglab/build/"))]
    if tests:
        sys.exit(f"the wheel carries what is not for users: {tests}")

    installed = {distribution.metadata["Name"].lower() for distribution in distributions()}
    if installed & UNWANTED:
        sys.exit(f"the scanner's environment holds {sorted(installed & UNWANTED)}")
    print("installed:", *sorted(installed))

    size = sum(path.stat().st_size for path in Path(environment).rglob("*") if path.is_file() and not path.is_symlink()) / 1e6
    print(f"environment: {size:.0f} MB, wheel: {Path(wheel).stat().st_size / 1e6:.1f} MB")
    if size > float(megabytes):
        sys.exit(f"the scanner's environment takes {size:.0f} MB, more than {megabytes}")


main(*sys.argv[1:])
