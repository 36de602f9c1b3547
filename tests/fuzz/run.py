"""Look for bytes that break a promise, guided by which lines of ours they reach.

    python tests/fuzz/run.py --target codec --seconds 30

Starts from our own samples; what it finds worth keeping stays in .cache/fuzz/TARGET/corpus, so
that the next run goes on from there. Bytes that break a promise are written to .cache/fuzz/TARGET
and named on stderr; `--replay FILE` tries them again.
"""

import argparse
import re
import subprocess
import sys
from contextlib import redirect_stderr
from hashlib import sha1
from io import StringIO
from pathlib import Path
from typing import Final

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))
with (
    redirect_stderr(StringIO()),  # It names each module.
    atheris.instrument_imports(include=["resonance"], enable_loader_override=False),
):
    from fuzz.promises import PROMISES, SEEDS

FOLDER: Final = Path(__file__).parents[2] / ".cache/fuzz"
WORDS: Final = re.compile(rb"\w{2,40}", re.ASCII)
INPUT_BYTES: Final = 16 * 1024
INPUT_SECONDS: Final = 10  # One input that takes longer is a fault too.
MEMORY_MIB: Final = 2_048


def main() -> int:
    """Fuzz one target in this process, or all of them one after another."""
    options = _options()
    if options.replay is not None:
        PROMISES[options.target](options.replay.read_bytes())
        print(f"{options.target}: kept")  # noqa: T201 # The answer.
        return 0
    if options.target != "all":
        fuzz(options.target, options.seconds)
    ended = [
        subprocess.run(
            [sys.executable, __file__, "--target", target, "--seconds", str(options.seconds)],
            check=False,
        ).returncode
        for target in PROMISES
    ]
    return int(any(ended))


def fuzz(target: str, seconds: int) -> None:
    """Fuzz one target; ends the process: with 0, or with what libFuzzer ends with on a find."""
    folder = FOLDER / target
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS[target]:
        PROMISES[target](seed)  # Also loads what is loaded once: that is no fault of an input.
        (corpus / sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    # The decoders are C, which is not watched: words spare the fuzzer from finding each letter.
    words = {word for seed in SEEDS[target] for word in WORDS.findall(seed)}
    dictionary = folder / "words"
    dictionary.write_bytes(b"\n".join(sorted(b'"%s"' % word for word in words)))
    arguments = [
        f"-max_total_time={seconds}",
        f"-max_len={INPUT_BYTES}",
        f"-timeout={INPUT_SECONDS}",
        f"-rss_limit_mb={MEMORY_MIB}",
        f"-dict={dictionary}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        str(corpus),
    ]
    print(f"fuzzing {target} for {seconds} s", file=sys.stderr, flush=True)  # noqa: T201
    atheris.Setup([sys.argv[0], *arguments], PROMISES[target])
    atheris.Fuzz()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--target", choices=["all", *PROMISES], default="all")
    parser.add_argument("--seconds", type=int, default=30, help="of each target")
    parser.add_argument("--replay", type=Path, help="a file whose bytes are tried once")
    options = parser.parse_args()
    if options.replay is not None and options.target == "all":
        parser.error("--replay needs --target")
    return options


if __name__ == "__main__":
    sys.exit(main())
