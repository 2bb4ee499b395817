#!/usr/bin/env bash
# Makes an environment with real model servers and nothing of this package: environment.sh VENV [PYTHON]
set -euo pipefail
"${2:-python3}" -m venv "$1"
"$1/bin/python" -m pip install --quiet --no-deps --requirement "$(dirname "$0")/requirements.txt"
