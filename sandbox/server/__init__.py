"""The gRPC edge: decode, admit, call the pipeline, encode."""
