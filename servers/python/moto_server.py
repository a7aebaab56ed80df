"""Serves moto on 127.0.0.1: moto_server.py PORT (single|threaded).

moto checks a condition and then writes, in a server that is threaded by default. One request at a time makes the two
one step, so that a conditional PUT has one winner, as on S3.
"""

import sys

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

port, threads = int(sys.argv[1]), sys.argv[2]
run_simple(
    "127.0.0.1",
    port,
    DomainDispatcherApplication(create_backend_app),
    threaded=threads == "threaded",
    request_handler=MotoRequestHandler,
)
