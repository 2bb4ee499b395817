#!/usr/bin/env bash
# Makes an environment with real model servers and nothing of this package: environment.sh VENV [PYTHON]
set -euo pipefail
"${2:-python3}" -m venv "$1"
"$1/bin/python" -m pip install --quiet kserve==0.15.2 nvidia-pytriton==0.7.0 tensorflow-cpu==2.17.1 numpy==1.26.4
"$1/bin/python" -m pip install --quiet --no-deps tensorflow-serving-api==2.17.1  # it wants `tensorflow` by that name
"$1/bin/python" -m pip uninstall --quiet --yes keras  # an exported model does not need it
