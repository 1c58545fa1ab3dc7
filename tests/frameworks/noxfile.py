"""Run the library under each framework and beside each co-patcher, in environments of their own.

    python -m pip install nox
    nox -f tests/frameworks/noxfile.py               # all of them, and then the table; about half an hour
    nox -f tests/frameworks/noxfile.py -s livekit table

The newest releases are taken that pip finds to go together. What is tested is the wheel built from this checkout.
"""

from pathlib import Path

import nox

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / ".nox" / "results"
TOOLS = ("pytest", "pytest-asyncio", "pytest-timeout")

FRAMEWORKS = {
    "sdk": ("google-genai", "openai-agents"),
    "adk": ("google-adk",),
    "livekit": ("livekit-agents", "livekit-plugins-google"),
    "pipecat": ("pipecat-ai[google]",),
    "pydantic_ai": ("pydantic-ai-slim[google]",),
}
CO_PATCHERS = {
    "gemini_live_telemetry": ("gemini-live-telemetry",),
    "langsmith": ("langsmith",),
    "opentelemetry": ("opentelemetry-instrumentation-google-genai", "opentelemetry-sdk", "google-genai<3"),
    "openinference": ("openinference-instrumentation-google-genai", "opentelemetry-sdk"),
    "langfuse": ("langfuse", "openinference-instrumentation-google-genai"),
    "traceloop": ("opentelemetry-instrumentation-google-generativeai", "opentelemetry-sdk"),
    "sentry": ("sentry-sdk",),
}
"""OpenTelemetry's instrumentation refuses google-genai 3, and does nothing there."""
BYSTANDERS = {"opentelemetry", "openinference", "langfuse", "traceloop", "sentry"}

nox.options.default_venv_backend = "venv"
nox.options.envdir = str(ROOT / ".nox")


def run(session: nox.Session, kind: str, packages: tuple[str, ...], *which: str) -> None:
    session.chdir(ROOT)
    session.install(".[demo]", *TOOLS, *packages)
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = RESULTS / f"{kind}-{session.name}.xml"
    result.unlink(missing_ok=True)
    listed = session.run("python", "-m", "pip", "list", "--format", "json", silent=True, stderr=None)
    result.with_suffix(".json").write_text(listed, "utf-8")
    session.run(
        *("python", "-m", "pytest", *which, f"--junitxml={result}", "-o", "junit_family=xunit1"),
        *("-p", "gemini_live_interrupt.emulator.pytest_plugin"),
        *("-o", "asyncio_debug=false"),  # in which some frameworks take longer than speech does
        *("-W", "ignore::DeprecationWarning"),  # of what they use of the SDK and of Python
        *session.posargs,
    )


def define(kind: str, name: str, packages: tuple[str, ...], *which: str) -> None:
    @nox.session(name=name)
    def session(session: nox.Session) -> None:
        run(session, kind, packages, *which)


for name, packages in FRAMEWORKS.items():
    define("framework", name, packages, f"tests/frameworks/test_{name}.py")
for name, packages in CO_PATCHERS.items():
    alone = f"tests/copatchers/test_{name}.py"
    which = ("tests/copatchers/test_bystanders.py", "-k", name) if name in BYSTANDERS else (alone,)
    define("copatcher", name, packages, *which)


@nox.session(venv_backend="none")
def table(session: nox.Session) -> None:
    """Print what was seen, as docs/frameworks.md quotes it."""
    session.run("python", str(ROOT / "tests" / "frameworks" / "table.py"), str(RESULTS))
