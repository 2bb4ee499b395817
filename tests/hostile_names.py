"""Names of classes that a page might take for something else than text."""

SCRIPT = "<script>document.title='hacked'</script>"
CLASSES = ("Bark", SCRIPT, "quotes \"' & $x$", "🐕 emoji", "שלום", "long " + 39 * "name ")
