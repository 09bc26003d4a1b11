"""Makes odd files: PDFs and pictures of every kind that people bring, from
programs that do what they like. The same seed gives the same bytes, but for files
under AES-256, whose key qpdf draws anew.

    /usr/bin/python3 odd.py DIR SEED COUNT

writes DIR/NNN-name.ext and DIR/odd.json, a list of
  {file, kind, name, must, pages: [reference picture of each page]}
must is "take" or "refuse" where one of both is right, else "either". References
are of pictures only: grey PGM, 240 points on the longer side, upright, on white.
"""
import json, os, random, sys

from oddpdf import pdf_makers
from oddimage import image_makers
from oddpaper import reference


def main(where, seed, count):
    os.makedirs(where, exist_ok=True)
    makers = pdf_makers() + image_makers()
    listed = []
    for n in range(count):
        kind, name, must, make = makers[n % len(makers)]
        rng = random.Random(f"{seed}/{n}")
        made = make(rng, n // len(makers))
        if len(made) == 4:  # a structure of its own, and its name
            data, ext, pages, how = made
            name = f"{name}, {how[0]}"
            must = how[1] or must
        else:
            data, ext, pages = made
        file = f"{n:03d}-{name.replace(' ', '-').replace(',', '').replace('/', '')}.{ext}"
        with open(os.path.join(where, file), "wb") as f:
            f.write(data)
        refs = []
        for i, p in enumerate(pages):
            ref = f"{n:03d}-{i}.pgm"
            reference(p).save(os.path.join(where, ref))
            refs.append(ref)
        listed.append({"file": file, "kind": kind, "name": name, "must": must, "pages": refs})
    with open(os.path.join(where, "odd.json"), "w") as f:
        json.dump(listed, f, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
