"""How this program was started, so that the commands it names work as they are printed."""

import os
import shlex
import shutil
import sys
from pathlib import Path

TOOLS, INSTALLED = "tools", "fat-tf"
CONSTRAINTS = "constraints.txt"  # of a checkout


def command_line(name: str, *arguments: object) -> str:
    """A command of ours as it would be typed here: `python tools/NAME.py …` from a tool, else `fat-tf NAME …`."""
    script = Path(sys.argv[0])
    if script.suffix == ".py" and script.absolute().parent.name == TOOLS:
        program = [*_python(), str(script.with_name(f"{name}.py"))]
    else:
        program = [str(script) if script.name == INSTALLED and not _is_here(INSTALLED) else INSTALLED, name]
    return shlex.join([*program, *map(str, arguments)])


def module_line(program: str, module: str, *arguments: object) -> str:
    """Another program of this installation, by its module where it is not on the path: `tensorboard …`."""
    return shlex.join([*([program] if _is_here(program) else [*_python(), "-m", module]), *map(str, arguments)])


def install_line(extra: str = "") -> str:
    """What installs this package again, with an extra: of the checkout that it is, or by name."""
    extra, checkout = f"[{extra}]" if extra else "", Path(__file__).parents[1]
    if not (checkout / CONSTRAINTS).is_file():
        return f"pip install {shlex.quote(f'fat_tf{extra}')}"
    is_here = os.path.isfile(CONSTRAINTS) and os.path.samefile(CONSTRAINTS, checkout / CONSTRAINTS)
    constraints, place = (CONSTRAINTS, ".") if is_here else (str(checkout / CONSTRAINTS), str(checkout))
    return f"pip install -c {shlex.quote(constraints)} -e {shlex.quote(f'{place}{extra}')}"


def _python() -> list[str]:
    return ["python" if _is_here("python") else sys.executable]


def _is_here(program: str) -> bool:
    """Whether this name calls the program of this installation."""
    found = shutil.which(program)
    return bool(found) and Path(found).parent == Path(sys.executable).parent
