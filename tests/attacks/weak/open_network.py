"""Leaves programs a way to the network: a proxy in the environment, behind which somebody published the solution."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from tests.attacks.weak import bare
from tests.programs.corpus import Case


def pays(case: Case) -> bool:
    """Whether every output is the expected one."""
    answers = {str(number): test.stdio.expected_stdout for number, test in enumerate(case.request.tests)}
    inputs = {test.stdio.stdin.strip(): answers[str(number)] for number, test in enumerate(case.request.tests)}

    class Forum(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(inputs.get(self.path.rpartition("/")[2], "").encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Forum) as server, bare.folder() as place:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            bare.lay_out(case.request, place)
            line = bare.command(case.request, place)
            proxy = {"http_proxy": f"http://127.0.0.1:{server.server_port}"}
            return all(
                bare.equal(bare.run(line, place, test.stdio.stdin, environment=proxy).stdout, test)
                for test in case.request.tests
            )
        finally:
            server.shutdown()
            thread.join()
