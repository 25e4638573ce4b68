"""Conan's own client for many commands, one a line (a JSON list of arguments), in one process.

Each is what `conan ARGUMENTS` does; the first that fails ends it.
"""

import json
import sys

from conan.api.conan_api import ConanAPI
from conan.cli.cli import Cli

for line in sys.stdin:
    api = ConanAPI()
    client = Cli(api)
    client.add_commands()
    client.run(json.loads(line))
