"""The import contracts of pyproject.toml hold, and each of them notices when it is broken."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "publishers", "migrations", "mdm", "matching")

# One line per arrow of the design: (contract, the module that offends, what it imports).
UPWARD = [
    ("arrows", "api", "publishers"),
    ("arrows", "publishers", "api"),
    ("arrows", "mdm.store", "api"),
    ("arrows", "mdm.pipeline", "publishers"),
    ("arrows", "mdm.store", "migrations"),
    ("arrows", "matching", "mdm.records"),
    ("arrows", "matching", "api"),
    ("layers", "mdm.commands", "mdm.cli"),
    ("layers", "mdm.governance", "mdm.commands"),
    ("layers", "mdm.people", "mdm.governance"),
    ("layers", "mdm.governance", "mdm.asking"),
    ("layers", "mdm.asking", "mdm.proof"),
    ("layers", "mdm.pipeline", "mdm.governance"),
    ("layers", "mdm.store", "mdm.pipeline"),
    ("layers", "mdm.golden", "mdm.store"),
    ("layers", "mdm.golden", "mdm.publication"),
    ("layers", "mdm.survivorship", "mdm.golden"),
    ("layers", "mdm.inbound", "mdm.quality"),
    ("layers", "mdm.domains", "mdm.inbound"),
    ("layers", "mdm.model", "mdm.domains"),
    ("layers", "mdm.sealing", "mdm.model"),
    ("layers", "mdm.errors", "mdm.sealing"),
]
FOREIGN = [
    ("sql", "mdm.golden", "sqlalchemy"),
    ("sql", "api", "sqlalchemy.orm"),
    ("sql", "publishers", "psycopg"),
    ("sql", "mdm.proof", "alembic.command"),
    ("sql", "mdm.commands", "sqlite3"),
    ("web", "mdm.commands", "flask"),
    ("web", "publishers", "granian"),
    ("web", "mdm.asking", "apiflask"),
    ("mqtt", "mdm.commands", "paho.mqtt.client"),
    ("mqtt", "api", "amqtt"),
    ("likeness", "mdm.survivorship", "rapidfuzz.fuzz"),
    ("likeness", "mdm.learning", "recordlinkage"),
    ("cluster", "matching.engines.local", "pyspark.sql"),
    ("cluster", "mdm.pipeline", "pyspark"),
    ("verifier", "mdm.proof.verifier", "mdm.clock"),
    ("verifier", "mdm.proof.verifier", "msgspec"),
]
CONTRACTS = sorted({contract for contract, _, _ in [*UPWARD, *FOREIGN]})


def _lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--no-logo", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def _file_of(folder: Path, module: str) -> Path:
    """The file of a module, which is made, with its packages, where there is none yet."""
    path = folder.joinpath(*module.split("."))
    for package in reversed(path.relative_to(folder).parents[:-1]):
        (folder / package).mkdir(exist_ok=True)
        (folder / package / "__init__.py").touch()
    if path.is_dir():
        return path / "__init__.py"
    path.with_suffix(".py").touch()
    return path.with_suffix(".py")


def _copy_with(folder: Path, offences: list[tuple[str, str, str]]) -> Path:
    """A copy of the product in which each offender imports what it must not."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            folder / package,
            ignore=shutil.ignore_patterns("__pycache__", "[!a-z_]*"),
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    for _, offender, imported in offences:
        if imported.split(".")[0] in PACKAGES:
            _file_of(folder, imported)
        with _file_of(folder, offender).open("a", encoding="utf-8") as file:
            file.write(f"\nimport {imported}\n")
    return folder


def test_every_import_contract_is_kept() -> None:
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contract_names_every_import_that_breaks_it(contract: str, tmp_path: Path) -> None:
    offences = [offence for offence in [*UPWARD, *FOREIGN] if offence[0] == contract]
    done = _lint(_copy_with(tmp_path, offences), "--contract", contract)
    assert done.returncode == 1
    for _, offender, imported in offences:
        told = imported if imported.split(".")[0] in PACKAGES else imported.split(".")[0]
        assert f"{offender} -> {told} (" in done.stdout, done.stdout


def test_every_contract_of_the_configuration_is_broken_by_one_of_these_tests() -> None:

    configured = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ids = {contract["id"] for contract in configured["tool"]["importlinter"]["contracts"]}
    assert ids == set(CONTRACTS)


def test_the_commands_import_what_stands_above_them_only_when_they_run() -> None:
    files = [*(ROOT / "mdm" / "commands").glob("*.py"), ROOT / "mdm" / "cli.py"]
    assert [name for file in files if file.exists() for name in _eager_imports(file)] == []


def test_the_verifier_of_the_audit_needs_nothing_but_python() -> None:
    tree = ast.parse((ROOT / "mdm" / "proof" / "verifier.py").read_text(encoding="utf-8"))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= sys.stdlib_module_names


def _eager_imports(file: Path) -> list[str]:
    """What a file imports from api or publishers when it is itself imported."""
    found: list[str] = []
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            found += [
                f"{file.name}:{name}"
                for name in names
                if name.split(".")[0] in ("api", "publishers")
            ]
            waiting.append(node)
    return found


def test_an_eager_import_is_told_from_a_lazy_one(tmp_path: Path) -> None:
    eager = tmp_path / "eager.py"
    eager.write_text("import os\nif os:\n    from api.app import create\n", encoding="utf-8")
    lazy = tmp_path / "lazy.py"
    lazy.write_text("def serve():\n    import publishers.relay\n", encoding="utf-8")
    assert _eager_imports(eager) == ["eager.py:api.app"]
    assert _eager_imports(lazy) == []
