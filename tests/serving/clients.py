"""What the clients of a model server send; the standard library is enough."""

import base64
import json
import struct
import urllib.error
import urllib.request


def post(url: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, dict]:
    """(HTTP status, the answer's JSON)."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"} | (headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def predict(url: str, request: dict) -> tuple[int, dict]:
    """By TensorFlow Serving's protocol: https://www.tensorflow.org/tfx/serving/api_rest; url ends with ":predict"."""
    return post(url, json.dumps(request).encode())


def in_base64(clip: bytes) -> dict[str, str]:
    """Bytes in such a request."""
    return {"b64": base64.b64encode(clip).decode()}


def infer(url: str, clips: list[bytes], name: str = "wav_bytes") -> tuple[int, dict]:
    """By the Open Inference Protocol with Triton's binary data extension; url ends with "/infer"."""
    data = b"".join(struct.pack("<I", len(clip)) + clip for clip in clips)
    tensor = {"name": name, "shape": [len(clips), 1], "datatype": "BYTES"}
    head = json.dumps({"inputs": [tensor | {"parameters": {"binary_data_size": len(data)}}]}).encode()
    return post(url, head + data, {"Inference-Header-Content-Length": str(len(head))})


def tag(url: str, clip: bytes) -> tuple[list[float], str]:
    """(scores, error text) of one sound, by the protocol that the URL tells.

    Raises:
        RuntimeError: with the server's words, where it refuses the request.
    """
    by_rows = url.endswith(":predict")
    status, answer = predict(url, {"instances": [in_base64(clip)]}) if by_rows else infer(url, [clip])
    if status != 200:
        raise RuntimeError(f"HTTP {status}: {answer}")
    if by_rows:
        return answer["predictions"][0]["scores"], answer["predictions"][0]["error"]
    outputs = {output["name"]: output["data"] for output in answer["outputs"]}
    return outputs["scores"], outputs["error"][0]
