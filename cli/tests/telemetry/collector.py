"""Receives spans over OTLP/HTTP, reads them with the messages of the OpenTelemetry project, and writes each request as a line of JSON.

Arguments: how many requests are turned away with 503 first. The first line is the port.
"""

import http.server
import json
import sys

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages

refused = int(sys.argv[1])


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global refused
        body = self.rfile.read(int(self.headers["content-length"]))
        status = 200
        if refused > 0:
            refused -= 1
            status = 503
        answer = messages.ExportTraceServiceResponse().SerializeToString()
        asked = messages.ExportTraceServiceRequest.FromString(body)
        self.send_response(status)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(answer)))
        if status == 503:
            self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(answer)
        said = {
            "path": self.path,
            "status": status,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "request": MessageToDict(asked),
        }
        print(json.dumps(said), flush=True)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Collector)
print(server.server_port, flush=True)
server.serve_forever()
