"""Reads a request of OTLP from standard input with Python's classes of OpenTelemetry: a line for each span."""
import sys

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

request = ExportTraceServiceRequest.FromString(sys.stdin.buffer.read())
for resource in request.resource_spans:
    for scope in resource.scope_spans:
        for span in scope.spans:
            print(span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), span.name, sep="|")
