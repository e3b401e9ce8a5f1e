"""The files the front-end build makes: their addresses, and sending them compressed and kept for a year."""

import json
import mimetypes
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, current_app, request
from werkzeug.security import safe_join

YEAR = 31_536_000
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""What the build writes beside each file, best first."""


class NotBuilt(RuntimeError):
    """The build has not run: there is no manifest."""


def init_app(app: Flask) -> None:
    """Serve what the build wrote (the app's static folder) by `send`, and give templates `asset`."""
    app.view_functions["static"] = send
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """The address of a built file ('app.css'). Raises NotBuilt before the build, KeyError for an unknown name."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return _address.__wrapped__(app, name) if app.debug else _address(app, name)


@cache
def _address(app: Flask, name: str) -> str:
    return f"{app.static_url_path}/{_manifest(str(app.static_folder))[name]}"


def send(filename: str) -> Response:
    """A built file, in the best encoding the browser takes; its name carries its hash, so it never changes."""
    kind = mimetypes.guess_type(filename)[0]
    if kind is None or filename.endswith(tuple(ENCODINGS.values())):
        abort(404)
    for encoding, suffix in ENCODINGS.items():
        if request.accept_encodings[encoding] and (data := _read(filename + suffix)) is not None:
            return _answer(data, kind, {"Content-Encoding": encoding})
    data = _read(filename)
    if data is None:
        abort(404)
    return _answer(data, kind, {})


def _read(name: str) -> bytes | None:
    path = safe_join(str(current_app.static_folder), name)
    return Path(path).read_bytes() if path is not None and Path(path).is_file() else None


def _answer(data: bytes, kind: str, headers: dict[str, str]) -> Response:
    kept = {"Cache-Control": f"public, max-age={YEAR}, immutable", "Vary": "Accept-Encoding"}
    return Response(data, mimetype=kind, headers=kept | headers)


def _manifest(folder: str) -> dict[str, str]:
    try:
        names: dict[str, str] = json.loads((Path(folder) / "manifest.json").read_text())
    except FileNotFoundError:
        raise NotBuilt("the front end is not built: run `npm ci --ignore-scripts` and `npm run build`") from None
    return names
