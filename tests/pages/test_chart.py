"""Pictures of pages: they follow its colours, their names are texts, and differ from picture to picture."""

import re
import xml.etree.ElementTree as ElementTree

from fat_tf.pages.chart import INK, RULE, chart, legend

HOSTILE = "<script>alert(1)</script> $x & 🐕"


def drawn(title: str):
    def draw(figure):
        axes = figure.add_subplot(xlabel=HOSTILE)
        axes.plot([0, 1], [0, 1], label=HOSTILE)
        axes.set_yticks([0], [HOSTILE], parse_math=False)
        axes.imshow([[0.0, 1.0]])
        legend(axes)

    return chart(draw, title, ("a",), [[1]], 2.0)


def test_a_picture_is_an_svg_in_the_colours_of_the_page():
    one = drawn("one")
    for svg in (one.wide, one.narrow):
        root = ElementTree.fromstring(svg)
        assert root.tag.endswith("svg") and "width" not in root.attrib and "viewBox" in root.attrib
        assert "currentColor" in svg and "var(--rule)" in svg and INK not in svg and RULE not in svg
        assert "<script" not in svg and svg.count("&lt;script&gt;alert(1)") >= 2
    widths = [float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1]) for svg in (one.wide, one.narrow)]
    assert widths[0] > 2 * widths[1]


def test_pictures_on_one_page_share_no_names_that_are_referred_to():
    referred = [
        set(re.findall(r'(?:url\(|href=")#([\w-]+)', svg)) for one in map(drawn, "ab") for svg in (one.wide, one.narrow)
    ]
    assert all(referred) and sum(map(len, referred)) == len(set.union(*referred))


def test_the_same_picture_twice_is_the_same_text():
    assert drawn("one") == drawn("one")
