"""Every check of this project, each in an environment of its own: `nox` runs the usual ones, `nox --list` names all."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox

nox.needs_version = ">=2026.8.10"  # for --parallel
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"  # a Python that is not here is passed over, and said to be

if pyenv := [path.name for path in Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser().glob("versions/3.*")]:
    os.environ.setdefault("PYENV_VERSION", ":".join(sorted(pyenv)))  # or it shows no Python but the one it is set to

ROOT = Path(__file__).parent
DIST = ROOT / "dist"

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SDKS = ("1.62", "1.69", "1.74", "2.12", "2.14", "2.18", "2.23", "2.32", "2.34")
"""The minors of google-genai whose `live.py` is not that of the minor before, from the oldest supported to the last
but one. `nox -s minors` finds them. The first is the first to say with which code the server closed."""
OLDEST = ("google-genai==1.62.0", "wrapt==1.17.0", "pydantic==2.9.0", "websockets==14.0", "trustme==1.1.0")
TOOLS = ("hypothesis", "pytest", "pytest-asyncio", "pytest-randomly", "pytest-timeout", "pytest-xdist")
QUICK = ("patch", "delivery", "handler", "settings", "prompt", "every_order", "end_to_end", "sockets")
"""The tests that touch the SDK or wrapt; the rest is sans-I/O, or tests the emulator, commands and documents."""


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests in this folder, or those that are named after `--`."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)
    if not session.posargs:
        session.run("pytest", "-n", "0", "-m", "browser")


@nox.session(default=False, allow_parallel=True)
def uvloop(session: nox.Session) -> None:
    """Run the tests that meet an event loop on uvloop, which servers such as uvicorn run on by default."""
    session.install("-e", ".[test]")
    own = ("connect", "delivery", "end_to_end", "patch", "reconnect", "sockets")
    emulator = ("command", "entrance", "faults", "pytest_plugin", "server", "sound")  # others meet no loop
    files = [*(f"tests/test_{name}.py" for name in own), *(f"tests/emulator/test_{name}.py" for name in emulator)]
    session.env["EVENT_LOOP"] = "uvloop"
    run_twice_at_most(session, "pytest", "-q", *(session.posargs or files))


@nox.session(allow_parallel=True)
def lint(session: nox.Session) -> None:
    """Look for faults in code, formatting and workflows."""
    session.install("ruff", "zizmor")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("zizmor", "--offline", "--no-progress", ".github")


@nox.session(allow_parallel=True)
def types(session: nox.Session) -> None:
    """Check the library and its tests with mypy, and an app that has it installed with mypy and pyright, all strict."""
    session.install(".[test]", "mypy", "pyright[nodejs]")
    session.run("mypy")
    app = session.env_dir.resolve() / "app"  # far from `src`
    app.mkdir(exist_ok=True)
    shutil.copy(ROOT / "tests" / "typing" / "api.py", app)
    strict = {"typeCheckingMode": "strict", "reportUnnecessaryTypeIgnoreComment": "error"}
    (app / "pyrightconfig.json").write_text(json.dumps(strict))
    session.chdir(app)
    session.run("mypy", "--strict", "--config-file=", "api.py")
    session.run("pyright")
    for package in ("emulator", "trace"):  # what else apps import: every public name has a type
        session.run("pyright", "--ignoreexternal", "--verifytypes", f"gemini_live_interrupt.{package}", silent=True)


@nox.session(default=False, allow_parallel=True)
def coverage(session: nox.Session) -> None:
    """Measure the branch coverage of the library, which is to be complete; in asyncio's debug mode."""
    session.install("-e", ".[test]")
    session.env["COVERAGE_FILE"] = str(session.env_dir.resolve() / "coverage")
    apart = ("emulator", "demo", "probe", "web", "test_docs.py", "test_reconnect.py")
    left_out = [f"--ignore=tests/{name}" for name in apart]
    options = ("-q", "--numprocesses=3", "-m", "not load", "-o", "asyncio_debug=true")
    run_twice_at_most(session, "coverage", "run", "-m", "pytest", *options, "tests", *left_out)
    session.run("coverage", "combine", "-q")
    omitted = "*/emulator/*,*/demo/*,*/probe/*,*/__main__.py"
    session.run("coverage", "report", "--omit", omitted, "--fail-under", "100")


def run_twice_at_most(session: nox.Session, *command: str) -> None:
    """Run tests. What fails must pass when it is repeated: two sessions side by side leave little time to either."""
    session.env["PYTEST_ADDOPTS"] = f"-o cache_dir={session.env_dir.resolve() / 'pytest'}"  # of this session alone
    try:
        session.run(*command)
    except nox.command.CommandFailed:
        session.run(*command, "--last-failed")


# What is published


@nox.session(default=False, allow_parallel=True)
def package(session: nox.Session) -> None:
    """Build the sdist, and the wheel from it; check both; use the wheel with nothing but what it requires."""
    session.install("build[uv]", "check-manifest", "check-wheel-contents", "pyroma", "twine")
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("python", "-m", "build", "--installer", "uv", "--outdir", str(DIST))
    sdist, wheel = built()
    session.run("twine", "check", "--strict", str(sdist), str(wheel))
    session.run("check-wheel-contents", str(wheel))
    session.run("pyroma", "--min", "10", "--skip-tests", "AuthorEmail,Url", str(sdist))  # it has no address yet
    if (ROOT / ".git").exists():
        session.run("check-manifest", "--ignore", ".ci/**,.github/**")
    session.install(str(wheel))
    session.run("python", "tests/installed.py")
    session.run("python", "-W", "error", "-c", "import gemini_live_interrupt as it; it.enable_interrupt_resume()")
    session.run("python", "-m", "gemini_live_interrupt", "--help", silent=True)


@nox.session(requires=["package"])
def wheel(session: nox.Session) -> None:
    """Run all tests on the installed wheel, in the unpacked sdist without its `src`."""
    with wheel_installed(session, "test"):
        session.run("pytest", "--ignore=tests/test_links.py", *session.posargs)  # some links lead into `src`


@nox.session(default=False, requires=["package"])
def prereleases(session: nox.Session) -> None:
    """Run all tests with the newest google-genai and wrapt, released or not."""
    newest = ("google-genai>=1.62.0a0", "wrapt>=1.17.0a0")  # the a0 admits pre-releases, and those of no other package
    with wheel_installed(session, "test", *newest):
        session.run("pytest", "--ignore=tests/test_links.py", *session.posargs)


def built() -> tuple[Path, Path]:
    (sdist,), (wheel,) = DIST.glob("*.tar.gz"), DIST.glob("*.whl")
    return sdist, wheel


@contextmanager
def wheel_installed(session: nox.Session, extra: str, *others: str) -> Iterator[dict[str, str]]:
    """Install the wheel and go where its tests are, and neither `src` nor the project is; tell what is installed."""
    sdist, wheel = built()
    session.install(f"{wheel}[{extra}]", *others)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        (tree,) = Path(folder).iterdir()
        shutil.rmtree(tree / "src")
        with session.chdir(tree):
            yield json.loads(str(session.run("python", "tests/installed.py", silent=True)))


# Versions


def cells() -> list[nox._parametrize.Param]:
    """A Python, what is to be installed, and whether wrapt has to do without its extension."""
    pure = {"WRAPT_DISABLE_EXTENSIONS": "1"}
    oldest_sdk = f"google-genai=={SDKS[0]}.*"
    wanted: list[tuple[str, str, tuple[str, ...], dict[str, str]]] = [
        *((python, "newest", (), {}) for python in PYTHONS),
        *(("3.11", f"google-genai {sdk}", (f"google-genai=={sdk}.*",), {}) for sdk in SDKS),
        ("3.13", f"google-genai {SDKS[0]}", (oldest_sdk,), {}),
        ("3.11", "wrapt 1.17", ("wrapt==1.17.0",), {}),
        ("3.11", "wrapt 1.17, pure", ("wrapt==1.17.0",), pure),
        ("3.11", "wrapt 2.0", ("wrapt==2.0.0",), {}),
        ("3.13", "newest wrapt, pure", (), pure),
        ("3.11", "oldest of all", OLDEST, {}),
    ]
    return [nox.param(python, *rest, id=f"{python}, {name}") for python, name, *rest in wanted]


@nox.session(default=False, allow_parallel=True, requires=["package"])
@nox.parametrize(["python", "versions", "environment"], cells())
def cell(session: nox.Session, versions: tuple[str, ...], environment: dict[str, str]) -> None:
    """Run the tests that touch the SDK or wrapt on the installed wheel, with versions of a line of the matrix."""
    session.env.update(environment)
    results = matrix_results(session) / re.sub(r"[^\w.]+", "-", session.name)
    results.mkdir(parents=True, exist_ok=True)
    with wheel_installed(session, "emulator", *TOOLS, *versions) as found:
        (results / "installed.json").write_text(json.dumps({"cell": session.name} | found))
        if found["wrapt is"] != ("Python" if environment else "C"):
            session.error(f"this wrapt is in {found['wrapt is']}")
        files = [f"tests/test_{name}.py" for name in QUICK]
        options = ("-q", "-m", "not load", "--hypothesis-seed=1")  # it is versions that are tried here, not luck
        session.run("pytest", *options, f"--junitxml={results / 'junit.xml'}", *files)


@nox.session(default=False, venv_backend="none")
def matrix(session: nox.Session) -> None:
    """Test every supported version of Python, google-genai and wrapt, at the same time, and print a table."""
    results = matrix_results(session)
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    report, folder = results / "report.json", results.parents[1]
    jobs = 2 * (os.cpu_count() or 1)  # a cell waits for half of its time
    nested = ("--session", "cell", "--parallel", str(jobs), "--envdir", str(folder), "--report", str(report))
    session.run(sys.executable, "-m", "nox", *nested, success_codes=range(256))  # the table says what failed
    session.run(sys.executable, "tests/matrix_table.py", str(report), str(results))


def matrix_results(session: nox.Session) -> Path:
    return session.cache_dir.resolve() / "matrix"


@nox.session(default=False)
def minors(session: nox.Session) -> None:
    """Print the minors of google-genai that changed `live.py` since the oldest supported; fail if `SDKS` lacks one."""
    session.install("pip")
    session.run("python", "tests/sdk_minors.py", *SDKS)
