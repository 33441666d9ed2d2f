"""The Python side of bench/corruptions.mjs: the first line is an image (base64, 224x224x3), then `name severity`."""

import base64
import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts/fixtures"))
from corruptions import import_package

package = import_package()
import cv2
import skimage

image = np.frombuffer(base64.b64decode(sys.stdin.readline()), np.uint8).reshape(224, 224, 3).copy()
versions = f"imagecorruptions 1.1.2, numpy {np.__version__}, scikit-image {skimage.__version__}, opencv {cv2.__version__}"
print(json.dumps({"versions": versions}), flush=True)
for line in sys.stdin:
    name, severity = line.split()
    cpu, start = time.process_time(), time.perf_counter()
    package.corrupt(image, severity=int(severity), corruption_name=name)
    took = {"ms": 1000 * (time.perf_counter() - start), "cpu": 1000 * (time.process_time() - cpu)}
    print(json.dumps(took), flush=True)
