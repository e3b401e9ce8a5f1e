"""`python -m incubator.embedded run` and `python -m incubator.embedded exec COMMAND…`."""

import argparse
import os
import sys

from incubator.config import ConfigError
from incubator.embedded.errors import EmbeddedError
from incubator.embedded.processes import end_with_parent
from incubator.embedded.supervisor import execute, run


def main(arguments: list[str]) -> int:
    """Do what the command line says; what goes wrong is one line, and 2."""
    parser = argparse.ArgumentParser(prog="python -m incubator.embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    whole = commands.add_parser("run", help="the whole product, with servers of its own unless DATABASE_URL is set")
    whole.add_argument("--end-with-parent", action="store_true", help="stop when the caller (make) is killed")
    other = commands.add_parser("exec", help="one command with the settings `run` would give it")
    other.add_argument("words", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(arguments)
    if getattr(chosen, "end_with_parent", False):
        end_with_parent()
    try:
        return run(os.environ) if chosen.command == "run" else execute(os.environ, chosen.words)
    except (ConfigError, EmbeddedError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
