"""Serves one of moto's services on 127.0.0.1: moto_server.py PORT SERVICE (single|threaded).

moto checks a condition and then writes, in a server that is threaded by default. One request at a time makes the two
one step, so that a conditional PUT has one winner, as on S3. The service's own application is served, since looking at
each request for the service that it means takes longer than answering it.
"""

import sys

from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple


class Handler(MotoRequestHandler):
    # Seconds: where one is served at a time, a client that connects and falls silent must not keep out the others.
    timeout = 20


port, service, threads = int(sys.argv[1]), sys.argv[2], sys.argv[3]
run_simple(
    "127.0.0.1",
    port,
    create_backend_app(service),
    threaded=threads == "threaded",
    request_handler=Handler,
)
