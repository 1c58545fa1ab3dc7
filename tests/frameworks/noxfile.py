"""Run the library under each framework and beside each co-patcher, in environments of their own.

    nox --noxfile tests/frameworks/noxfile.py                           # all of them, and then the table
    nox --noxfile tests/frameworks/noxfile.py --session livekit table

The newest releases are taken that go together. What is tested is the wheel that is built from this checkout.
"""

from pathlib import Path

import nox

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / ".nox" / "results"
TOOLS = ("pytest", "pytest-asyncio", "pytest-timeout", "pytest-xdist")

FRAMEWORKS = {
    "sdk": ("google-genai", "openai-agents"),
    "adk": ("google-adk",),
    "livekit": ("livekit-agents", "livekit-plugins-google"),
    "pipecat": ("pipecat-ai[google]",),
    "pydantic_ai": ("pydantic-ai-slim[google]",),
}
EXAMPLES = {
    "webrtc": ("aiortc", "numpy"),
}
"""Of this project, with packages that the other tests need not have."""
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

VERSIONS = """
import importlib.metadata, json, platform
found = {package.name: package.version for package in importlib.metadata.distributions()}
print(json.dumps(found | {"Python": platform.python_version()}))
"""

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.envdir = str(ROOT / ".nox")


def run(session: nox.Session, kind: str, packages: tuple[str, ...], *which: str) -> None:
    session.chdir(ROOT)
    session.install(".[demo]", *TOOLS, *packages)
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = RESULTS / f"{kind}-{session.name}.xml"
    result.unlink(missing_ok=True)
    result.with_suffix(".json").write_text(session.run("python", "-c", VERSIONS, silent=True), "utf-8")
    session.run(
        *("python", "-m", "pytest", *which, f"--junitxml={result}", "-o", "junit_family=xunit1"),
        *("-p", "gemini_live_interrupt.emulator.pytest_plugin", "--numprocesses=0"),
        *("-W", "ignore::DeprecationWarning"),  # of what they use of the SDK and of Python
        *session.posargs,
    )


def define(kind: str, name: str, packages: tuple[str, ...], *which: str) -> None:
    @nox.session(name=name)
    def session(session: nox.Session) -> None:
        run(session, kind, packages, *which)


for name, packages in FRAMEWORKS.items():
    define("framework", name, packages, f"tests/frameworks/test_{name}.py")
for name, packages in EXAMPLES.items():
    define("example", name, packages, f"tests/frameworks/test_{name}.py")
for name, packages in CO_PATCHERS.items():
    alone = f"tests/copatchers/test_{name}.py"
    which = ("tests/copatchers/test_bystanders.py", "-k", name) if name in BYSTANDERS else (alone,)
    define("copatcher", name, packages, *which)


@nox.session(venv_backend="none")
def table(session: nox.Session) -> None:
    """Print what was seen, as docs/frameworks.md quotes it."""
    session.run("python", str(ROOT / "tests" / "frameworks" / "table.py"), str(RESULTS))
