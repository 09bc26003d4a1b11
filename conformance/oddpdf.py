"""Odd PDFs: kinds of pages times ways in which programs write files."""
import io, os, struct, subprocess, tempfile, zlib

from PIL import Image, ImageCms

from oddfont import Face, PLAIN, TEXT
from oddpaper import paper, saved
from oddpages import page_makers


class PDF:
    """Objects from number 1; 1 is the catalogue, 2 the page tree."""

    def __init__(self):
        self.objects = [b"", b""]
        self.kids, self.catalogue, self.tree = [], "", ""

    def add(self, body):
        self.objects.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(self.objects)

    def stream(self, entries, data, pack=False):
        data = data.encode("latin-1") if isinstance(data, str) else data
        if pack:
            data, entries = zlib.compress(data), entries + "/Filter/FlateDecode"
        return self.add(f"<<{entries}/Length {len(data)}>>\nstream\n".encode("latin-1") + data + b"\nendstream")

    def page(self, content, resources="", entries="", box="[0 0 300 400]", pack=True):
        c = self.stream("", content, pack) if content is not None else None
        body = f"<</Type/Page/Parent 2 0 R{'/MediaBox' + box if box else ''}{entries}"
        body += (f"/Contents {c} 0 R" if c else "") + (f"/Resources<<{resources}>>" if resources is not None else "") + ">>"
        self.kids.append(self.add(body))
        return self.kids[-1]

    def finished(self):
        self.objects[0] = f"<</Type/Catalog/Pages 2 0 R{self.catalogue}>>".encode("latin-1")
        kids = " ".join(f"{k} 0 R" for k in self.kids)
        self.objects[1] = f"<</Type/Pages/Count {len(self.kids)}/Kids[{kids}]{self.tree}>>".encode("latin-1")

    def bytes(self, version="1.7", before=b"", xref=True, end=b"", eol=b"\n"):
        self.finished()
        out = before + f"%PDF-{version}".encode() + eol + b"%\xe2\xe3\xcf\xd3" + eol
        self.places = []
        for n, o in enumerate(self.objects, 1):
            self.places.append(len(out))
            out += f"{n} 0 obj".encode() + eol + o + eol + b"endobj" + eol
        self.start = len(out)
        if xref:
            out += f"xref\n0 {len(self.objects) + 1}\n0000000000 65535 f \n".encode()
            out += b"".join(f"{p:010d} 00000 n \n".encode() for p in self.places)
        out += f"trailer\n<</Size {len(self.objects) + 1}/Root 1 0 R>>\nstartxref\n{self.start if xref else 0}\n%%EOF\n".encode()
        return out + end


def qpdf(data, *args):
    with tempfile.TemporaryDirectory() as d:
        a, b = os.path.join(d, "a.pdf"), os.path.join(d, "b.pdf")
        with open(a, "wb") as f:
            f.write(data)
        done = subprocess.run(["qpdf", *(["--static-id", "--static-aes-iv"] if "--encrypt" in args else ["--deterministic-id"]), *args, a, b], capture_output=True)
        if done.returncode not in (0, 3) or not os.path.exists(b):
            return data
        with open(b, "rb") as f:
            return f.read()


def xref_stream(pdf):
    """PDF 1.5: the table as a stream, with a predictor."""
    pdf.bytes(xref=False)
    out = pdf.bytes(xref=False)[:pdf.start]
    n = len(pdf.objects) + 1
    rows = [struct.pack(">BIH", 0, 0, 65535)] + [struct.pack(">BIH", 1, p, 0) for p in pdf.places] + [struct.pack(">BIH", 1, pdf.start, 0)]
    lines, last = b"", b"\0" * 7
    for r in rows:
        lines += b"\2" + bytes((a - b) & 255 for a, b in zip(r, last))
        last = r
    data = zlib.compress(lines)
    out += f"{n} 0 obj\n<</Type/XRef/Size {n + 1}/Root 1 0 R/W[1 4 2]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 7>>/Length {len(data)}>>\nstream\n".encode() + data + b"\nendstream\nendobj\n"
    return out + f"startxref\n{pdf.start}\n%%EOF\n".encode()


def hybrid(pdf):
    """A table for old readers, and a stream with the same for new ones."""
    out = pdf.bytes()
    body, n = out[:pdf.start], len(pdf.objects) + 1
    rows = struct.pack(">BIH", 0, 0, 65535) + b"".join(struct.pack(">BIH", 1, p, 0) for p in pdf.places)
    at = len(body)
    body += f"{n} 0 obj\n<</Type/XRef/Size {n}/Root 1 0 R/W[1 4 2]/Length {len(rows)}>>\nstream\n".encode() + rows + b"\nendstream\nendobj\n"
    start = len(body)
    body += f"xref\n0 {n + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{p:010d} 00000 n \n".encode() for p in pdf.places + [at])
    return body + f"trailer\n<</Size {n + 1}/Root 1 0 R/XRefStm {at}>>\nstartxref\n{start}\n%%EOF\n".encode()


def incremental(pdf):
    """Saved again after a note was changed that nobody sees."""
    out = pdf.bytes()
    at = len(out)
    n = len(pdf.objects) + 1
    out += f"{n} 0 obj\n<</Title(x)>>\nendobj\n".encode()
    start = len(out)
    return out + f"xref\n{n} 1\n{at:010d} 00000 n \ntrailer\n<</Size {n + 1}/Root 1 0 R/Info {n} 0 R/Prev {pdf.start}>>\nstartxref\n{start}\n%%EOF\n".encode()


def flipped(pdf):
    out = pdf.bytes()
    at = out.rindex(b" 00000 n ") - 3
    return out[:at] + b"7" + out[at + 1:]


STRUCTURES = [
    ("", None, lambda p: p.bytes()),
    ("object streams", None, lambda p: qpdf(p.bytes(), "--object-streams=generate")),
    ("linearised", None, lambda p: qpdf(p.bytes(), "--linearize")),
    ("xref stream", None, xref_stream),
    ("hybrid", None, hybrid),
    ("incremental", None, incremental),
    ("unpacked", None, lambda p: qpdf(p.bytes(), "--qdf", "--object-streams=disable")),
    ("PDF 1.0", None, lambda p: p.bytes(version="1.0")),
    ("PDF 2.0", None, lambda p: p.bytes(version="2.0")),
    ("junk before", None, lambda p: p.bytes(before=b"\r\nfrom: scanner\r\n\r\n")),
    ("junk after", None, lambda p: p.bytes(end=b"\0" * 300)),
    ("no xref", None, lambda p: p.bytes(xref=False)),
    ("wrong xref", None, flipped),
    ("CR as line end", None, lambda p: p.bytes(eol=b"\r")),
    ("CRLF as line end", None, lambda p: p.bytes(eol=b"\r\n")),
    ("cut short", None, lambda p: p.bytes()[:-200]),
    ("empty password", None, lambda p: qpdf(p.bytes(), "--encrypt", "", "o", "256", "--")),
    ("password", "refuse", lambda p: qpdf(p.bytes(), "--encrypt", "u", "o", "128", "--use-aes=y", "--")),
    ("RC4", None, lambda p: qpdf(p.bytes(), "--allow-weak-crypto", "--encrypt", "", "o", "40", "--")),
    ("linearised, object streams", None, lambda p: qpdf(p.bytes(), "--linearize", "--object-streams=generate")),
]

HURT = {"cut short", "no xref", "wrong xref", "empty password", "RC4", "CR as line end"}


def made(kind, make):
    def do(rng, round):
        pdf = PDF()
        make(pdf, rng)
        # The first time round most are written plainly, later ever more oddly.
        which = 0 if round == 0 and rng.random() < 0.6 else rng.randrange(len(STRUCTURES))
        name, must, write = STRUCTURES[which]
        return write(pdf), "pdf", [], (name or "plain", must or ("either" if name in HURT else None))
    return do


def pdf_makers():
    return [(kind, name, must, made(kind, make)) for kind, name, must, make in page_makers()]
