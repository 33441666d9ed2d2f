#!/bin/sh
# Installs the newest PyTorch and torchvision into bench/.venv, for `npm run bench`.
set -e
cd "$(dirname "$0")/.."
python3 -m venv .venv
.venv/bin/pip install --quiet --upgrade torch torchvision pillow numpy onnx
.venv/bin/python -c 'import torch, torchvision; print("torch", torch.__version__, "torchvision", torchvision.__version__)'
