"""An archive's files by fsspec: a local folder, an object store, anything it knows.

A file is there whole or not at all: on a disk by a temporary name, flushed, then renamed; in an
object store by one put, which is atomic there.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

import fsspec
from fsspec.implementations.local import LocalFileSystem

from resonance.agents.errors import ServiceUnreachable, UsageError

VERSION: Final = "v1"  # Of the layout; a later one lies beside it.
PARTIAL: Final = ".partial"


class Store:
    """The files of one archive; paths are relative to it, with `/` between their parts."""

    def __init__(self, location: str) -> None:
        """Open the archive at a path or URL. Raises `UsageError` when there can be none."""
        if not location:
            message = (
                "no archive. Set `archive` (RESONANCE_ARCHIVE) to a folder or to a URL as in "
                "s3://bucket/folder"
            )
            raise UsageError(message)
        self.location = location
        try:
            self._files, root = fsspec.core.url_to_fs(location)
        except (ImportError, ValueError) as error:
            raise UsageError(_explained(location, error)) from error
        self.root = f"{str(root).rstrip('/')}/{VERSION}"
        self._local = isinstance(self._files, LocalFileSystem)

    def names(self, folder: str) -> list[str]:
        """Return the paths of all Parquet files below a folder, sorted; none if there is none."""
        with self._reachable():
            self._files.invalidate_cache()
            found = self._files.find(f"{self.root}/{folder}")
        start = len(self.root) + 1
        return sorted(path[start:] for path in found if path.endswith(".parquet"))

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders directly below a folder, sorted."""
        paths = self.names(folder)
        return sorted({path.removeprefix(f"{folder}/").split("/")[0] for path in paths})

    def url(self, path: str) -> str:
        """Return where a file lies, as DuckDB and others can open it."""
        return str(self._files.unstrip_protocol(f"{self.root}/{path}")).removeprefix("file://")

    @contextmanager
    def reading(self, path: str) -> Iterator[IO[bytes]]:
        """Open a file to read."""
        with self._reachable(), self._files.open(f"{self.root}/{path}", "rb") as file:
            yield file

    def put(self, path: str, content: bytes) -> None:
        """Write a file whole, over one of this name."""
        with self._reachable():
            if self._local:
                with self.written(path) as partial:
                    partial.write_bytes(content)
            else:
                self._files.pipe_file(f"{self.root}/{path}", content)

    @contextmanager
    def written(self, path: str) -> Iterator[Path]:
        """Yield a local path to write to; when the block ends well, that is the archive's file."""
        target = f"{self.root}/{path}"
        with self._reachable():
            if self._local:
                yield from _renamed(Path(target))
                return
            with TemporaryDirectory() as folder:
                partial = Path(folder) / "file"
                yield partial
                self._files.put_file(str(partial), target)

    def remove(self, path: str) -> None:
        """Delete a file; one that is gone already is no error."""
        with self._reachable():
            try:
                self._files.rm_file(f"{self.root}/{path}")
            except FileNotFoundError:
                return

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = error.strerror or type(error).__name__
            message = f"the archive at {self.location} cannot be used: {why}"
            raise ServiceUnreachable(message) from error


def _renamed(target: Path) -> Iterator[Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    # The process's own name: two workers may write the same file, and it is the same file.
    partial = target.with_name(f"{target.name}.{os.getpid()}{PARTIAL}")
    try:
        yield partial
        _flush(partial)
        partial.replace(target)
        _flush(target.parent)  # The new name, too.
    finally:
        partial.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _explained(location: str, error: Exception) -> str:
    scheme = location.partition("://")[0]
    if isinstance(error, ImportError):
        extra = "resonance-live[s3]" if scheme == "s3" else f"fsspec's package for {scheme}"
        return f"the archive {location} needs {extra}: install it"
    return f"the archive {location} is no folder and no URL that fsspec knows ({error})"
