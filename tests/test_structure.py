"""How the code is laid out: imports go one way, each job has one place, functions are short."""

import ast
import configparser
import statistics
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STREAM = (
    *("audio", "data", "layers", "models", "metrics", "runs", "training"),
    *("inference", "cluster", "evaluation", "blending", "pages", "export", "demo"),
)
# Every room may use them.
GROUND = (
    *("errors", "notices", "names", "files", "home", "terminal", "program", "config", "parts", "figures", "signals"),
    "storage",
)
DECODERS = {"soundfile", "tensorflow_io", "av", "audioread"}


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(file): file for file in sorted((ROOT / "fat_tf").rglob("*.py"))}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


@cache
def imported(module: str) -> set[str]:
    """Modules that this one imports, wherever in it."""
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}, line {node.lineno}: a relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return found


def room(module: str) -> str:
    """The folder, or the module right below fat_tf."""
    return [*module.split("."), ""][1]


def ours(modules: set[str]) -> set[str]:
    return {module for module in modules if module.split(".")[0] == "fat_tf"}


@pytest.mark.parametrize("here", STREAM)
def test_imports_go_back_along_the_stream(here):
    before = {*STREAM[: STREAM.index(here) + 1], *GROUND}
    imports = {(module, name) for module in MODULES if room(module) == here for name in ours(imported(module))}
    assert not {f"{module} imports {name}" for module, name in imports if room(name) not in before}


def test_the_ground_stands_on_nothing():
    config = {name for name in MODULES if room(name) == "config"}
    assert ours(imported("fat_tf.errors")) == set()
    assert {name for module in config for name in ours(imported(module))} <= config
    assert ours(imported("fat_tf.files")) <= {"fat_tf.errors"}
    alone = ("notices", "figures", "home", "names", "terminal", "program", "signals")
    assert not any(ours(imported(f"fat_tf.{name}")) for name in alone)
    assert ours(imported("fat_tf.parts")) <= {"fat_tf.errors", "fat_tf.config"}
    storage = {name for name in MODULES if room(name) == "storage"}
    below = {"errors", "notices", "files", "home", "program", "terminal", "signals", "storage"}
    assert {room(name) for module in storage for name in ours(imported(module))} <= below


def test_one_place_reaches_storages():
    places = {module for module in MODULES if "fsspec" in {name.split(".")[0] for name in imported(module)}}
    assert places == {"fat_tf.storage.remote"}


def test_no_circle_among_files():
    open_, done = [], set()

    def visit(module: str):
        assert module not in open_, f"a circle: {' -> '.join([*open_[open_.index(module) :], module])}"
        if module in done or module not in MODULES:
            return
        open_.append(module)
        for name in sorted(ours(imported(module)) - {module.rsplit(".", 1)[0]}):
            visit(name)
        done.add(open_.pop())

    for module in MODULES:
        visit(module)


def test_one_place_decodes_sound():
    places = {module for module in MODULES if {name.split(".")[0] for name in imported(module)} & DECODERS}
    assert {place.removeprefix("fat_tf.audio.").split(".")[0] for place in places} == {"decode"}


def test_one_place_drives_gin():
    """Others register what a configuration may name, no more."""
    for module in (module for module in MODULES if room(module) != "config"):
        nodes = [node for node in ast.walk(tree(module)) if isinstance(node, ast.Attribute)]
        used = {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "gin"}
        assert used <= {"register", "configurable", "external_configurable"}, module
        assert not any(name.startswith("gin.") for name in imported(module)), module


def depends_on_the_locale(call: ast.Call) -> bool:
    """Whether a call opens texts, of a file or of a program's streams, without saying in which encoding."""
    is_method = isinstance(call.func, ast.Attribute)
    name = call.func.attr if is_method else getattr(call.func, "id", "")
    given = {word.arg for word in call.keywords}
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if name in ("read_text", "write_text"):
        return is_method and "encoding" not in given and "utf-8" not in texts
    if name in ("open", "fdopen") and not is_method:
        return "encoding" not in given and not any("b" in text for text in texts)
    return bool(given & {"text", "universal_newlines"}) and "encoding" not in given


def test_no_text_depends_on_the_locale():
    calls = [(module, node) for module in MODULES for node in ast.walk(tree(module)) if isinstance(node, ast.Call)]
    assert not [f"{module}, line {call.lineno}" for module, call in calls if depends_on_the_locale(call)]


def test_functions_are_short():
    functions = [node for module in MODULES for node in ast.walk(tree(module)) if isinstance(node, ast.FunctionDef)]
    lines = sorted((node.end_lineno - node.lineno + 1, node.name) for node in functions)
    lengths = [length for length, _ in lines]
    assert statistics.median(lengths) <= 12 and lengths[int(0.9 * len(lengths))] <= 40
    assert lengths[-1] <= 60, lines[-1]


def test_tools_are_short():
    assert not [tool.name for tool in (ROOT / "tools").glob("*.py") if len(tool.read_text("utf-8").splitlines()) >= 60]


def test_every_folder_is_installed():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    listed = set(setup["options"]["packages"].split())
    assert listed == {module_name(file.parent / "__init__.py") for file in MODULES.values()} | {"fat_tf.gin"}
