"""Makes the pictures of docs/pictures from a run: its report, label audit and TensorBoard.

    python tests/pages/make_pictures.py runs/quickstart

The run needs report.html and audit/index.html. Tells how long the pages take until they can be used.
"""

import io
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import PHONE, chromium, looked_at, picture, tensorboard
from PIL import Image

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
WIDE, NARROW = (1180, 820), (PHONE[0], 820)  # pixels of a page
SCALE, COLOURS = 0.6, 128  # of a picture: it is to be small
USABLE = "const t = performance.getEntriesByType('navigation')[0]; return t.domContentLoadedEventEnd / 1000"


def take(browser, url: str, name: str, size: tuple[int, int] = WIDE, scheme: str = "light", anchor: str = "") -> None:
    """A picture of a page, as far down as the anchor."""
    with looked_at(browser, size, scheme):
        browser.get("about:blank")
        browser.get(url + anchor)
        print(f"{name}: can be used after {browser.execute_script(USABLE):.2f} s")
        browser.execute_async_script("setTimeout(arguments[0], 2000)")
        top = browser.execute_script("return window.scrollY")
        image = Image.open(io.BytesIO(picture(browser, size[1], top)))
    image = image.resize((round(image.width * SCALE), round(image.height * SCALE)), Image.Resampling.LANCZOS)
    image.convert("RGB").quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


def main(run: Path) -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder)) as browser:
        report, audit = (run / "report.html").resolve().as_uri(), (run / "audit/index.html").resolve().as_uri()
        take(browser, report, "report")
        take(browser, report, "report-listen", anchor="#curated-listen")
        take(browser, report, "report-phone", NARROW, "dark")
        take(browser, audit, "audit")
        with tensorboard(run) as address:
            take(browser, address, "tensorboard", anchor="#custom_scalars")
            take(browser, address, "tensorboard-images", anchor="#images")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
