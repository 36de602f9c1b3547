"""The little of a Hugging Face hub that fetching a model takes: a listing, and its files."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves a folder as one model, and remembers the paths that it was asked for."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.name = name
        self.folder = folder
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def content(self, path: str) -> bytes | None:
        """Return what lies at a path; None: nothing."""
        if path == f"/api/models/{self.name}/revision/main":
            siblings = [{"rfilename": file.name} for file in self.folder.iterdir()]
            return json.dumps({"id": self.name, "sha": COMMIT, "siblings": siblings}).encode()
        file = self.folder / path.removeprefix(f"/{self.name}/resolve/{COMMIT}/")
        return file.read_bytes() if file.parent == self.folder and file.is_file() else None


class Answer(BaseHTTPRequestHandler):
    """One request to the hub."""

    server: Hub

    def do_HEAD(self) -> None:
        self._headed()

    def do_GET(self) -> None:
        self.wfile.write(self._headed())

    def _headed(self) -> bytes:
        """Send the status and the headers; return the body that they announce."""
        path = self.path.partition("?")[0]
        self.server.asked.append(path)
        content = self.server.content(path)
        body = content or b""
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{sha1(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        if content is None:
            self.send_header("X-Error-Code", "RepoNotFound")
        self.end_headers()
        return body

    def log_message(self, *_: object) -> None:
        """Say nothing: what was asked for is remembered."""


@contextmanager
def running_hub(name: str, folder: Path) -> Iterator[Hub]:
    """Serve `folder` as the model `name` until the block is left."""
    with Hub(name, folder) as hub:
        thread = threading.Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()
