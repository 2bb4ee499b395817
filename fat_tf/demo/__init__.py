"""A page in the browser to try a model on sounds; needs the extra `demo` (Gradio)."""
