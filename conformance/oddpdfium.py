"""Draws every page of PDFs with PDFium, Chromium's own reader. Prints a line of
JSON for each file: {"file": …, "pages": n} or {"file": …, "error": …}.

    python oddpdfium.py FILE-WITH-PATHS
"""
import json, sys

import pypdfium2

for file in open(sys.argv[1]).read().split("\n"):
    if not file:
        continue
    answer = {"file": file}
    try:
        pdf = pypdfium2.PdfDocument(file)
        for page in pdf:
            w, h = page.get_size()
            page.render(scale=min(1, 200 / max(w, h)))
        answer["pages"] = len(pdf)
    except Exception as e:  # whatever it is, the file does not open
        answer["error"] = repr(e)
    print(json.dumps(answer))
