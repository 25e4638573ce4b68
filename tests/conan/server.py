"""Conan's own server on a free port of loopback: `server.py FOLDER`.

It says its URL in the first line. The folder has its `server.conf`. By itself the program
would listen on every address and on one port.
"""

import contextlib
import os
import socketserver
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

folder = sys.argv[1]
os.environ["CONAN_SERVER_HOME"] = folder

from conans.server.launcher import ServerLauncher  # noqa: E402


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *_):
        pass


with contextlib.redirect_stdout(sys.stderr):
    application = ServerLauncher(server_dir=folder).server.root_app
server = make_server("127.0.0.1", 0, application, server_class=Server, handler_class=Silent)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
