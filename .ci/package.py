"""Make the sdist, and the wheel from it, and see whether both are whole and the wheel works where nothing else is.

pip would take two minutes to bring torch's 5.4 GB into a fresh environment. So the packages that the wheel says it
needs, and those that they need in turn, are linked there from the environment that runs this. A requirement that
pyproject.toml forgets is missing there all the same, and so are the checkout, its tools and its tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """End with an error at the first thing that is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        built, home, work = (Path(folder) / name for name in ("dist", "venv", "work"))
        call(sys.executable, "-m", "build", "--outdir", built, ROOT, quiet=True)
        (sdist,), (wheel,) = built.glob("*.tar.gz"), built.glob("*.whl")
        if absent := tracked_files() - packed_files(sdist):
            sys.exit(f"not in the sdist: {', '.join(sorted(absent))}")

        venv.create(home, with_pip=True)
        call(home / "bin/pip", "install", "--disable-pip-version-check", "--no-deps", wheel, quiet=True)
        (packages,) = home.glob("lib/python*/site-packages")
        (vidstyle,) = distributions(name="vidstyle", path=[str(packages)])
        link_requirements(vidstyle, packages)
        call(home / "bin/pip", "--disable-pip-version-check", "check")

        work.mkdir()
        where = call(home / "bin/python", "-c", "import vidstyle; print(vidstyle.__file__)", cwd=work, quiet=True)
        if not Path(where.strip()).is_relative_to(packages):
            sys.exit(f"{where} was imported, and not what the wheel installed")
        program = home / "bin/vidstyle"
        call(program, "--version", cwd=work)
        call(program, "doctor", cwd=work)
        clip, styled = ROOT / "sample_media/clip.mp4", ("--style", ROOT / "sample_media/wave.jpg")
        quick = ("--preset", "draft", "--size", "64", "--frames", "1-3")
        call(program, clip, *styled, *quick, "-o", "out.mp4", cwd=work, quiet=True)
        # The page of the report is made of files that are no Python.
        call(program, "measure", "out.mp4", "--against", clip, *styled, "--report", "out.html", cwd=work, quiet=True)
        print(f"{sdist.name} and {wheel.name} are whole, and the wheel paints and measures a clip")


def link_requirements(package: Distribution, into: Path) -> None:
    """Link what a package requires, and what that requires, from the environment that runs this."""
    left = [(text, frozenset({""})) for text in package.requires or ()]
    seen = set()
    while left:
        text, extras = left.pop()
        requirement = Requirement(text)
        wanted = not requirement.marker or any(requirement.marker.evaluate({"extra": extra}) for extra in extras)
        if not wanted or (requirement.name, *requirement.extras) in seen:
            continue
        seen.add((requirement.name, *requirement.extras))
        found = distribution(requirement.name)
        for name in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            if not (into / name).exists():
                (into / name).symlink_to(found.locate_file(name))
        left += [(each, frozenset({"", *requirement.extras})) for each in found.requires or ()]


def tracked_files() -> set[str]:
    """The files that git knows of; none where this is no checkout."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    return set(listed.stdout.splitlines())


def packed_files(sdist: Path) -> set[str]:
    """The files in an sdist, without its own folder."""
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def call(*command: object, cwd: Path | None = None, quiet: bool = False) -> str:
    """Run a command, and end with what it said if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIDSTYLE_"))}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode or not quiet:
        print("$", *words, f"\n{done.stdout}{done.stderr}", flush=True)
    if done.returncode:
        sys.exit(f"{Path(words[0]).name} ended with {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    main()
