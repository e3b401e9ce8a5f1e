"""The files the front-end build makes: their addresses, and sending them compressed and kept for a year."""

import json
import mimetypes
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, current_app, request, send_from_directory

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
    """The address of a built file, such as 'app.css'. Raises NotBuilt before the build, KeyError for an unknown name."""
    folder = str(current_app.static_folder)
    read = _manifest.__wrapped__ if current_app.debug else _manifest
    return f"{current_app.static_url_path}/{read(folder)[name]}"


def send(filename: str) -> Response:
    """A built file, in the best encoding the browser takes; its name carries its hash, so it never changes."""
    folder = Path(str(current_app.static_folder))
    for encoding, suffix in ENCODINGS.items():
        if request.accept_encodings[encoding] and (folder / f"{filename}{suffix}").is_file():
            response = _file(folder, filename + suffix, filename)
            response.headers["Content-Encoding"] = encoding
            return response
    return _file(folder, filename, filename)


def _file(folder: Path, stored: str, name: str) -> Response:
    kind = mimetypes.guess_type(name)[0]
    if kind is None or name.endswith(tuple(ENCODINGS.values())):
        abort(404)
    response = send_from_directory(folder, stored, mimetype=kind, max_age=YEAR, etag=False, conditional=False)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    return response


@cache
def _manifest(folder: str) -> dict[str, str]:
    try:
        names: dict[str, str] = json.loads((Path(folder) / "manifest.json").read_text())
    except FileNotFoundError:
        raise NotBuilt("the front end is not built: run `npm ci --ignore-scripts` and `npm run build`") from None
    return names
