"""The page: a sound goes in, its tags and pictures come out."""

import html
import os
import socket

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before the import, which would report it

import gradio as gr
import uvicorn
from fastapi import FastAPI

from fat_tf.demo.drawing import as_html
from fat_tf.demo.tags_over_time import TagTrack, tag_over_time
from fat_tf.errors import UserError
from fat_tf.inference.tagger import Tagger

BARS, MEGABYTES = 5, 100
KEPT = 600  # seconds that a dropped sound stays on the disk
STYLE = ".gradio-container {width: 100%; max-width: 1100px !important; margin: auto} #trouble {color: #d9480f}"
RAW_MICROPHONE = """<script>{
const devices = navigator.mediaDevices, ask = devices?.getUserMedia.bind(devices);
const raw = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
if (ask) devices.getUserMedia = (wanted) => ask({...wanted, audio: {...wanted.audio, ...raw}});
}</script>"""  # browsers clean speech, which takes away rain, and all else that lasts


def make_page(tagger: Tagger, name: str, max_seconds: float, tag_track: TagTrack) -> gr.Blocks:
    """Build the page.

    Args:
        tagger: tags the sounds.
        name: of the model, to read.
        max_seconds: longest sound.
        tag_track: how close the windows of a sound lie.
    """

    def listen(file: str | None):
        """What is wrong, tags, pictures."""
        if file is None:
            return gr.HTML(visible=False), None, ""
        try:
            tagged = tag_over_time(tagger, file, max_seconds, tag_track)
        except UserError as error:
            return gr.HTML(html.escape(error.message), visible=True), None, ""
        tags = dict(zip(tagged.labels, map(float, tagged.scores), strict=True))
        return gr.HTML(visible=False), tags, as_html(tagged)

    with gr.Blocks(title="What is heard?", analytics_enabled=False, delete_cache=(KEPT, KEPT)) as page:
        gr.Markdown(f"# What is heard?\nDrop a sound or record one, up to {max_seconds:g} seconds and {MEGABYTES} MB.")
        with gr.Row():
            with gr.Column():
                sound = gr.Audio(type="filepath", label="Sound", buttons=[])
                trouble = gr.HTML(visible=False, elem_id="trouble")
                with gr.Accordion(f"{name}: {len(tagger.labels)} classes", open=False):
                    gr.HTML(html.escape(", ".join(tagger.labels)))
            with gr.Column():
                tags = gr.Label(num_top_classes=BARS, label="Tags of the whole sound")
        pictures = gr.HTML()
        sound.change(listen, sound, [trouble, tags, pictures], api_visibility="private")
    return page


def serve(page: gr.Blocks, host: str, port: int) -> None:
    """Serve the page until it is interrupted; nothing is sent to, or loaded from, elsewhere.

    Args:
        page: of `make_page`.
        host: address to listen on.
        port: 0 takes a free one.

    Raises:
        UserError: the port is taken, or the address not one of this machine.
    """
    private = {"run_history": False, "enable_monitoring": False, "ssr_mode": False, "mcp_server": False, "pwa": False}
    limits = {"max_file_size": f"{MEGABYTES}mb", "footer_links": []}
    app = gr.mount_gradio_app(
        FastAPI(openapi_url=None), page, path="", css=STYLE, head=RAW_MICROPHONE, **limits, **private
    )
    with _listening(host, port) as listener:
        print(f"http://{host}:{listener.getsockname()[1]} (Ctrl-C ends it)", flush=True)
        # Its errors are requests that the end interrupts; those of tagging are printed by Gradio.
        uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1)).run([listener])


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except (OSError, OverflowError) as error:
        reason = str(error).rstrip(".")
        raise UserError(f"{host}:{port} cannot be listened on: {reason}. Choose another --host or --port") from error
