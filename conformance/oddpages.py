"""Kinds of pages of PDFs: each maker adds pages to a PDF under construction."""
import io, struct, zlib

from PIL import Image, ImageCms

from oddfont import Face, PLAIN, TEXT
from oddpaper import paper, saved

TAKE, REFUSE, EITHER = "take", "refuse", "either"
FULL = "q 300 0 0 400 0 0 cm /I Do Q"
FACE = Face(TEXT + PLAIN)


# Pictures

def picture(pdf, img, entries="", data=None, pack=True, space=None, bits=8):
    space = space or {"L": "/DeviceGray", "1": "/DeviceGray", "RGB": "/DeviceRGB", "CMYK": "/DeviceCMYK", "P": "/DeviceGray"}[img.mode]
    data = img.tobytes() if data is None else data
    common = f"/Type/XObject/Subtype/Image/Width {img.width}/Height {img.height}/BitsPerComponent {bits}"
    return pdf.stream(common + (f"/ColorSpace{space}" if space != "-" else "") + entries, data, pack)


def scan(pdf, number, entries="", box="[0 0 300 400]", content=FULL, more=""):
    pdf.page(content, f"/XObject<</I {number} 0 R>>{more}", entries, box)


def bits_of(img, bits):
    """Grey samples of fewer bits, rows padded to bytes."""
    out, w = bytearray(), img.width
    raw = img.tobytes()
    for y in range(img.height):
        row = "".join(format(v >> (8 - bits), f"0{bits}b") for v in raw[y * w:(y + 1) * w])
        row += "0" * (-len(row) % 8)
        out += bytes(int(row[i:i + 8], 2) for i in range(0, len(row), 8))
    return bytes(out)


def jpeg_page(mode, **options):
    def make(pdf, rng):
        img = paper(rng, mode)
        scan(pdf, picture(pdf, img, "/Filter/DCTDecode", saved(img, "JPEG", **options), pack=False))
    return make


def fax_data(img, compression):
    """The bytes of one strip of a TIFF."""
    data = saved(img, "TIFF", compression=compression, tiffinfo={278: img.height})
    t = Image.open(io.BytesIO(data))
    at, size = t.tag_v2[273][0], t.tag_v2[279][0]
    return data[at:at + size], t.tag_v2[262] == 0, t.tag_v2.get(266, 1)


REVERSED = bytes(int(format(b, "08b")[::-1], 2) for b in range(256))


def fax_page(compression, k, black=False, turned=False):
    def make(pdf, rng):
        img = paper(rng, "1")
        data, white_is_zero, order = fax_data(img, compression)
        if order == 2:
            data = data.translate(REVERSED)
        # In both ways of coding runs of white come first; the tag says what they are.
        parms = f"/K {k}/Columns {img.width}/Rows {img.height}" + ("/BlackIs1 true" if black else "") + ("/EndOfLine true" if k == 0 else "")
        decode = "/Decode[1 0]" if black != turned else ""
        scan(pdf, picture(pdf, img, f"/Filter/CCITTFaxDecode/DecodeParms<<{parms}>>{decode}", data, pack=False, bits=1))
    return make


def jbig2_page(pdf, rng):
    """One generic region in MMR: what T.6 is, within segments."""
    img = paper(rng, "1")
    data, _, order = fax_data(img, "group4")
    if order == 2:
        data = data.translate(REVERSED)
    w, h = img.size
    info = struct.pack(">IIIIBH", w, h, 0, 0, 0, 0)
    region = struct.pack(">IIIIB", w, h, 0, 0, 0) + b"\1" + data
    segments = struct.pack(">IBBBI", 0, 48, 0, 1, len(info)) + info + struct.pack(">IBBBI", 1, 38, 0, 1, len(region)) + region
    scan(pdf, picture(pdf, img, "/Filter/JBIG2Decode", segments, pack=False, bits=1))


def jpx_page(mode, space):
    def make(pdf, rng):
        img = paper(rng, mode)
        data = saved(img, "JPEG2000")
        common = f"/Type/XObject/Subtype/Image/Width {img.width}/Height {img.height}/Filter/JPXDecode" + (f"/ColorSpace{space}/BitsPerComponent 8" if space else "")
        scan(pdf, pdf.stream(common, data))
    return make


def flate_page(bits, mode="L", inverted=False):
    def make(pdf, rng):
        img = paper(rng, mode)
        raw = img.tobytes()
        data = raw if bits == 8 else b"".join(bytes([v, v]) for v in raw) if bits == 16 else bits_of(img, bits)
        if inverted:
            data = bytes(255 - v for v in data)
        n = {"L": 1, "RGB": 3, "CMYK": 4}[mode]
        scan(pdf, picture(pdf, img, "/Decode[" + "1 0 " * n + "]" if inverted else "", data, bits=bits))
    return make


def predictor_page(predictor, mode="RGB"):
    def make(pdf, rng):
        img = paper(rng, mode)
        n, w = {"L": 1, "RGB": 3}[mode], img.width
        raw, lines, last = img.tobytes(), b"", bytes(n * w)
        for y in range(img.height):
            row = raw[y * n * w:(y + 1) * n * w]
            if predictor == 2:
                lines += bytes((v - (row[i - n] if i >= n else 0)) & 255 for i, v in enumerate(row))
            elif (predictor if predictor < 15 else 10 + y % 3) == 11:
                lines += b"\1" + bytes((v - (row[i - n] if i >= n else 0)) & 255 for i, v in enumerate(row))
            elif (predictor if predictor < 15 else 10 + y % 3) == 12:
                lines += b"\2" + bytes((v - last[i]) & 255 for i, v in enumerate(row))
            else:
                lines += b"\0" + row
            last = row
        parms = f"/DecodeParms<</Predictor {predictor}/Colors {n}/BitsPerComponent 8/Columns {w}>>"
        scan(pdf, picture(pdf, img, parms, lines))
    return make


def coded_page(code):
    def make(pdf, rng):
        img = paper(rng, "L")
        raw = img.tobytes()
        if code == "RL":
            data = b"".join(bytes([len(raw[i:i + 128]) - 1]) + raw[i:i + 128] for i in range(0, len(raw), 128)) + b"\x80"
            filters = "/Filter/RunLengthDecode"
        elif code == "AHx":
            jpeg = saved(img, "JPEG")
            data, filters = jpeg.hex().encode() + b">", "/Filter[/ASCIIHexDecode/DCTDecode]"
        else:
            import base64
            data, filters = base64.a85encode(zlib.compress(raw)) + b"~>", "/Filter[/ASCII85Decode/FlateDecode]"
        scan(pdf, picture(pdf, img, filters, data, pack=False))
    return make


def indexed_page(colours, as_stream=False):
    def make(pdf, rng):
        img = paper(rng).quantize(colours)
        palette = bytes(img.getpalette()[:3 * colours]).ljust(3 * colours, b"\0")
        bits = {2: 1, 4: 2, 16: 4, 256: 8}[colours]
        shifted = Image.frombytes("L", img.size, bytes(v << (8 - bits) for v in img.tobytes()))
        table = f"{pdf.stream('', palette, True)} 0 R" if as_stream else f"<{palette.hex()}>"
        scan(pdf, picture(pdf, img, "", bits_of(shifted, bits), space=f"[/Indexed/DeviceRGB {colours - 1} {table}]", bits=bits))
    return make


def masked_page(how):
    def make(pdf, rng):
        img = paper(rng)
        grey = img.convert("L")
        if how == "stencil":
            bw = paper(rng, "1")
            scan(pdf, picture(pdf, bw, "/ImageMask true", bw.tobytes(), space="-", bits=1), content="0 0 .4 rg " + FULL)
            return
        if how == "soft":
            m = picture(pdf, grey, "", bytes(min(255, 60 + v // 2) for v in grey.tobytes()))
            entries = f"/SMask {m} 0 R"
        elif how == "hard":
            bw = paper(rng, "1", *img.size)
            m = picture(pdf, bw, "/ImageMask true", bw.tobytes(), space="-", bits=1)
            entries = f"/Mask {m} 0 R"
        else:
            entries = "/Mask[200 255 200 255 200 255]"
        scan(pdf, picture(pdf, img, entries), content="1 1 .6 rg 0 0 300 400 re f " + FULL)
    return make


def inline_page(mode, filter=""):
    def make(pdf, rng):
        img = paper(rng, mode, 60, 80)
        data = img.tobytes()
        if filter:
            data = zlib.compress(data)
        cs = {"L": "/G", "RGB": "/RGB", "1": "/G"}[mode]
        head = f"q 300 0 0 400 0 0 cm BI /W 60 /H 80 /CS {cs} /BPC {1 if mode == '1' else 8} {filter} ID ".encode()
        pdf.page((head + data + b"\nEI Q").decode("latin-1"))
    return make


def strips_page(pdf, rng):
    img = paper(rng, "RGB", 240, 320)
    content, names = "", ""
    for i in range(5):
        part = img.crop((0, i * 64, 240, i * 64 + 64))
        n = picture(pdf, part, "/Filter/DCTDecode", saved(part, "JPEG"), pack=False)
        content += f"q 300 0 0 80 0 {320 - 80 * i} cm /S{i} Do Q "
        names += f"/S{i} {n} 0 R"
    pdf.page(content, f"/XObject<<{names}>>")


def space_page(space, mode="RGB"):
    def make(pdf, rng):
        s = space
        if space == "ICC":
            profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
            profile = profile[:24] + b"\x07\xe8\0\1\0\1\0\0\0\0\0\0" + profile[36:]  # no clock in it
            s = f"[/ICCBased {pdf.stream('/N 3/Alternate/DeviceRGB', profile, True)} 0 R]"
        if space == "broken ICC":
            s = f"[/ICCBased {pdf.stream('/N 3', 'no profile', True)} 0 R]"
        scan(pdf, picture(pdf, paper(rng, mode), space=s))
    return make


def placed_page(content):
    def make(pdf, rng):
        scan(pdf, picture(pdf, paper(rng)), content=content)
    return make


def interpolated(pdf, rng):
    scan(pdf, picture(pdf, paper(rng), "/Interpolate true/Intent/Perceptual/Name/I/Metadata 1 0 R"))


# Text

def font(pdf, kind="type0", program=True, unicode=True, wrong=0, bad=False):
    """The number of a font's object."""
    face = FACE
    data = face.program if not bad else face.program[:400] + b"\0" * 300
    file = pdf.stream(f"/Length1 {len(face.program)}", data, True) if program else None
    d = pdf.add("<</Type/FontDescriptor/FontName/ABCDEF+Tinos/Flags %d/FontBBox[-500 -300 2000 1100]/ItalicAngle 0/Ascent 891/Descent -216/CapHeight 662/StemV 80%s>>"
                % (4 if kind == "type0" else 32, f"/FontFile2 {file} 0 R" if file else ""))
    if kind == "type0":
        w = "".join(f"{g}[{v + wrong}]" for g, v in sorted(face.widths.items()))
        lines = "".join(f"<{g:04X}> <{c:04X}>\n" for c, g in sorted(face.glyphs.items()))
        cmap = ("/CIDInit/ProcSet findresource begin 12 dict begin begincmap /CMapName/X def /CMapType 2 def\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
                + f"{len(face.glyphs)} beginbfchar\n{lines}endbfchar\nendcmap end end")
        u = f"/ToUnicode {pdf.stream('', cmap, True)} 0 R" if unicode else ""
        return pdf.add(f"<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+Tinos/Encoding/Identity-H{u}/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+Tinos"
                       f"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/CIDToGIDMap/Identity/FontDescriptor {d} 0 R/W[{w}]>>]>>")
    widths = " ".join(str(face.widths.get(face.glyphs.get(c, 0), 0) + wrong) for c in range(32, 127))
    return pdf.add(f"<</Type/Font/Subtype/TrueType/BaseFont/ABCDEF+Tinos/FirstChar 32/LastChar 126/Widths[{widths}]/Encoding/WinAnsiEncoding/FontDescriptor {d} 0 R>>")


def shown(text, kind="type0", size=11, mode=None):
    """Operators that show words, eight a line."""
    words, ops = text.split(), f"BT /F {size} Tf 1 0 0 1 30 350 Tm 16 TL " + (f"{mode} Tr " if mode is not None else "")
    for i in range(0, len(words), 6):
        line = " ".join(words[i:i + 6])
        if kind == "type0":
            ops += "<" + "".join(f"{FACE.glyphs[ord(c)]:04X}" for c in line) + "> Tj T*\n"
        else:
            ops += f"({line}) Tj T*\n"
    return ops + "ET "


def text_page(kind="type0", before="", after="", resources="", entries="", objects=(), **of):
    """Page of text with more around it; @0, @1 … stand for the objects' numbers."""
    def make(pdf, rng):
        numbers = [pdf.stream(*o) if isinstance(o, tuple) else pdf.add(o) for o in objects]
        fill = lambda s: s if not numbers else __import__("re").sub(r"@(\d)", lambda m: f"{numbers[int(m[1])]} 0 R", s)
        for n in numbers:
            pdf.objects[n - 1] = fill(pdf.objects[n - 1].decode("latin-1")).encode("latin-1")
        f = font(pdf, kind, **of)
        text = shown(TEXT if kind == "type0" else PLAIN, kind, rng.choice([9, 10, 11]))
        pdf.page(before + "\n" + text + after, f"/Font<</F {f} 0 R>>" + fill(resources), fill(entries))
    return make


def standard_font(name):
    def make(pdf, rng):
        f = pdf.add(f"<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding>>")
        pdf.page(shown(PLAIN, "plain"), f"/Font<</F {f} 0 R>>")
    return make


def drawn_font(pdf, rng):
    box = pdf.stream("", "600 0 0 0 500 700 d1 0 0 500 700 re f")
    bar = pdf.stream("", "600 0 0 0 500 700 d1 0 0 100 700 re f")
    f = pdf.add(f"<</Type/Font/Subtype/Type3/FontBBox[0 0 600 700]/FontMatrix[.001 0 0 .001 0 0]/CharProcs<</a {box} 0 R/b {bar} 0 R>>"
                "/Encoding<</Type/Encoding/Differences[97/a/b]>>/FirstChar 97/LastChar 98/Widths[600 600]/Resources<<>>>>")
    pdf.page("BT /F 20 Tf 30 300 Td (abba) Tj 0 -30 Td (baab) Tj ET", f"/Font<</F {f} 0 R>>")


def layered(mode, under=False):
    """A scan with a reader's text over it, unseen, or under it."""
    def make(pdf, rng):
        img = paper(rng)
        i = picture(pdf, img, "/Filter/DCTDecode", saved(img, "JPEG"), pack=False)
        f = font(pdf)
        text = shown(TEXT, size=10, mode=mode)
        pdf.page(text + FULL if under else FULL + " " + text, f"/XObject<</I {i} 0 R>>/Font<</F {f} 0 R>>")
    return make


def mixed(pdf, rng):
    i = picture(pdf, paper(rng))
    f = font(pdf)
    pdf.page("q 90 0 0 120 180 30 cm /I Do Q " + shown(TEXT), f"/XObject<</I {i} 0 R>>/Font<</F {f} 0 R>>")


def many(pdf, rng):
    for make in rng.sample([jpeg_page("RGB"), fax_page("group4", -1), text_page(), layered(3), mixed, standard_font("Helvetica"), flate_page(8)], 4):
        make(pdf, rng)


# What is on pages and around them

FORM = "/Type/XObject/Subtype/Form/BBox[0 0 100 40]/Resources<<>>"
RED = "1 0 0 rg 0 0 100 40 re f"


def note(kind, more="", look=True, objects=()):
    entries = f"/Annots[<</Type/Annot/Subtype/{kind}/F 4/Rect[180 40 280 80]" + ("/AP<</N @0>>" if look else "") + more + ">>]"
    return text_page(entries=entries, objects=((FORM, RED),) + tuple(objects))


def catalogued(catalogue, objects=(), entries="", before="", resources=""):
    def make(pdf, rng):
        numbers = [pdf.stream(*o) if isinstance(o, tuple) else pdf.add(o) for o in objects]
        fill = lambda s: __import__("re").sub(r"@(\d)", lambda m: f"{numbers[int(m[1])]} 0 R", s)
        for n in numbers:
            pdf.objects[n - 1] = fill(pdf.objects[n - 1].decode("latin-1")).encode("latin-1")
        pdf.catalogue += fill(catalogue)
        text_page(entries=fill(entries), before=before, resources=fill(resources))(pdf, rng)
    return make


def boxed(box, entries="", content=FULL, tree="", born=False):
    """A scan that fills its box, or text in it."""
    def make(pdf, rng):
        pdf.tree += tree
        if born:
            f = font(pdf)
            pdf.page(shown(TEXT), f"/Font<</F {f} 0 R>>", entries, box)
        else:
            img = paper(rng)
            i = picture(pdf, img, "/Filter/DCTDecode", saved(img, "JPEG"), pack=False)
            pdf.page(content, f"/XObject<</I {i} 0 R>>", entries, box)
    return make


def filled(x0, y0, w, h):
    return f"q {w} 0 0 {h} {x0} {y0} cm /I Do Q"


def broken(content, resources="", entries=""):
    def make(pdf, rng):
        f = font(pdf)
        pdf.page(content + " " + shown(TEXT), (f"/Font<</F {f} 0 R>>" + resources) if resources is not None else None, entries)
    return make


def named_oddly(pdf, rng):
    f, i = font(pdf), picture(pdf, paper(rng))
    pdf.page("q 90 0 0 120 180 30 cm /Gi#e1y#20to Do Q " + shown(TEXT).replace("/F ", "/F#23#2Fa "), f"/F#6fnt<</F#23#2fa {f} 0 R>>/XObject<</Gi#E1y#20#74o {i} 0 R>>")


def parts(pdf, rng):
    """A content in four streams, cut between operators."""
    f = font(pdf)
    all = [pdf.stream("", s, True) for s in ("q 0 0 1 rg", "20 20 50 50 re f Q", shown(TEXT), "")]
    pdf.page(None, f"/Font<</F {f} 0 R>>", "/Contents[" + " ".join(f"{n} 0 R" for n in all) + "]")


def treed(pdf, rng):
    """A page tree of three levels, with what is inherited."""
    f = font(pdf)
    c = pdf.stream("", shown(TEXT), True)
    page = pdf.add(f"<</Type/Page/Parent @/Contents {c} 0 R>>")
    node = pdf.add(f"<</Type/Pages/Parent 2 0 R/Count 1/Kids[{page} 0 R]/MediaBox[0 0 300 400]/Rotate 90/Resources<</Font<</F {f} 0 R>>>>>>")
    pdf.objects[page - 1] = pdf.objects[page - 1].replace(b"@", f"{node} 0 R".encode())
    pdf.kids.append(node)


def loop(pdf, rng):
    text_page()(pdf, rng)
    pdf.kids.append(2)


def cut_stream(pdf, rng):
    img = paper(rng)
    data = saved(img, "JPEG")
    scan(pdf, picture(pdf, img, "/Filter/DCTDecode", data[:len(data) // 2], pack=False))


def state(gs, objects=()):
    return text_page(before="q /G gs 1 0 0 rg 40 60 120 60 re f Q", resources=f"/ExtGState<</G<<{gs}>>>>", objects=objects)


def coloured(space, ops, objects=()):
    return text_page(before=f"/C cs {ops} 40 60 120 60 re f", resources=f"/ColorSpace<</C{space}>>", objects=objects)


TINT = "<</FunctionType 2/Domain[0 1]/C0[1 1 1]/C1[1 .8 0]/N 1>>"
TINT4 = "<</FunctionType 2/Domain[0 1]/C0[0 0 0 0]/C1[0 .2 1 0]/N 1>>"


def page_makers():
    i, l, t, m, a, b, x = "PDF, scan", "PDF, scan with text", "PDF, text", "PDF, mixed", "PDF, notes and parts", "PDF, boxes", "PDF, broken"
    return [
        (i, "JPEG grey", TAKE, jpeg_page("L")), (i, "JPEG colour", TAKE, jpeg_page("RGB")), (i, "JPEG CMYK", TAKE, jpeg_page("CMYK")),
        (i, "JPEG progressive", TAKE, jpeg_page("RGB", progressive=True)), (i, "Group 4", TAKE, fax_page("group4", -1)),
        (i, "Group 4, black is one", TAKE, fax_page("group4", -1, black=True)), (i, "Group 4, turned", TAKE, fax_page("group4", -1, turned=True)),
        (i, "Group 3", TAKE, fax_page("group3", 0)), (i, "JBIG2", TAKE, jbig2_page), (i, "JPX colour", TAKE, jpx_page("RGB", "")),
        (i, "JPX grey with a space", TAKE, jpx_page("L", "/DeviceGray")), (i, "1 bit", TAKE, flate_page(1)), (i, "2 bit", TAKE, flate_page(2)),
        (i, "4 bit", TAKE, flate_page(4)), (i, "8 bit", TAKE, flate_page(8)), (i, "16 bit", TAKE, flate_page(16)), (i, "16 bit colour", TAKE, flate_page(16, "RGB")),
        (i, "8 bit colour", TAKE, flate_page(8, "RGB")), (i, "8 bit CMYK", TAKE, flate_page(8, "CMYK")), (i, "colours turned round", TAKE, flate_page(8, "RGB", True)),
        (i, "grey turned round", TAKE, flate_page(8, "L", True)), (i, "PNG predictor", TAKE, predictor_page(15)), (i, "Up", TAKE, predictor_page(12, "L")),
        (i, "Sub", TAKE, predictor_page(11)), (i, "TIFF predictor", TAKE, predictor_page(2)), (i, "run length", TAKE, coded_page("RL")),
        (i, "hexadecimal JPEG", TAKE, coded_page("AHx")), (i, "ASCII 85", TAKE, coded_page("A85")), (i, "palette of 2", TAKE, indexed_page(2)),
        (i, "palette of 4", TAKE, indexed_page(4, True)), (i, "palette of 16", TAKE, indexed_page(16)), (i, "palette of 256", TAKE, indexed_page(256, True)),
        (i, "stencil", TAKE, masked_page("stencil")), (i, "soft mask", TAKE, masked_page("soft")), (i, "hard mask", TAKE, masked_page("hard")),
        (i, "colour key", TAKE, masked_page("key")), (i, "inline grey", TAKE, inline_page("L")), (i, "inline colour packed", TAKE, inline_page("RGB", "/F /Fl")),
        (i, "strips", TAKE, strips_page), (i, "ICC", TAKE, space_page("ICC")), (i, "broken ICC", TAKE, space_page("broken ICC")),
        (i, "CalRGB", TAKE, space_page("[/CalRGB<</WhitePoint[.9642 1 .8251]/Gamma[2.2 2.2 2.2]/Matrix[.4361 .2225 .0139 .3851 .7169 .0971 .1431 .0606 .7141]>>]")), (i, "CalRGB of no primaries", TAKE, space_page("[/CalRGB<</WhitePoint[.95 1 1.09]/Gamma[2.2 2.2 2.2]>>]")), (i, "CalGray", TAKE, space_page("[/CalGray<</WhitePoint[.95 1 1.09]>>]", "L")),
        (i, "CalGray of 2.2", TAKE, space_page("[/CalGray<</WhitePoint[.95 1 1.09]/Gamma 2.2>>]", "L")), (i, "Lab", TAKE, space_page("[/Lab<</WhitePoint[.95 1 1.09]/Range[-100 100 -100 100]>>]")), (i, "half the page", TAKE, placed_page("q 150 0 0 200 20 180 cm /I Do Q")),
        (i, "mirrored", TAKE, placed_page("q -300 0 0 400 300 0 cm /I Do Q")), (i, "turned by matrix", TAKE, placed_page("q 0 400 -300 0 300 0 cm /I Do Q")),
        (i, "askew", TAKE, placed_page("q 280 14 -14 380 14 4 cm /I Do Q")), (i, "clipped", TAKE, placed_page("q 50 50 200 300 re W n " + FULL + " Q")),
        (i, "interpolated", TAKE, interpolated), (i, "twice", TAKE, placed_page("q 300 0 0 200 0 0 cm /I Do Q q 300 0 0 200 0 200 cm /I Do Q")),
        (l, "unseen text", TAKE, layered(3)), (l, "text under the scan", TAKE, layered(0, True)), (l, "clipping text", TAKE, layered(7)),
        (t, "Type 0", TAKE, text_page()), (t, "TrueType", TAKE, text_page("winansi")), (t, "Helvetica", TAKE, standard_font("Helvetica")), (t, "Symbol", TAKE, standard_font("Symbol")),
        (t, "Type 3", TAKE, drawn_font), (t, "no program", TAKE, text_page(program=False)), (t, "no characters", TAKE, text_page(unicode=False)),
        (t, "wrong widths", TAKE, text_page(wrong=120)), (t, "gradient", TAKE, text_page(before="q 40 60 120 60 re W n /S sh Q", resources="/Shading<</S<</ShadingType 2/ColorSpace/DeviceRGB/Coords[40 0 160 0]/Function<</FunctionType 2/Domain[0 1]/C0[1 0 0]/C1[0 0 1]/N 1>>>>>>")),
        (t, "tiling", TAKE, text_page(before="/Pattern cs /P scn 40 60 120 60 re f", resources="/Pattern<</P @0>>", objects=(("/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 10/YStep 10/Resources<<>>", "0 1 0 rg 0 0 5 5 re f"),))),
        (t, "half seen through", TAKE, state("/ca .5/BM/Multiply")), (t, "unknown blending", TAKE, state("/BM/Fancy")), (t, "overprint", TAKE, state("/OP true/op true/OPM 1")),
        (t, "transfer function", TAKE, state("/TR " + TINT)), (t, "soft mask state", TAKE, state("/SMask<</S/Luminosity/G @0>>", (("/Type/XObject/Subtype/Form/BBox[0 0 300 400]/Group<</S/Transparency/CS/DeviceGray>>/Resources<<>>", ".5 g 0 0 300 400 re f"),))),
        (t, "colours of a press", TAKE, text_page(before="0 1 0 0 k 40 60 120 60 re f")), (t, "Separation", TAKE, coloured("[/Separation/Gold/DeviceRGB" + TINT + "]", "1 sc")),
        (t, "Separation of a press", TAKE, coloured("[/Separation/Gold/DeviceCMYK" + TINT4 + "]", "1 sc")), (t, "DeviceN", TAKE, coloured("[/DeviceN[/Gold]/DeviceRGB" + TINT + "]", "1 sc")),
        (t, "Default spaces", TAKE, text_page(before="1 0 0 rg 40 60 120 60 re f", resources="/ColorSpace<</DefaultRGB[/CalRGB<</WhitePoint[.95 1 1.09]>>]>>")),
        (t, "rendering intent", TAKE, text_page(before="/Odd ri 1 0 0 rg 40 60 99 60 re f")), (t, "transparent page", TAKE, text_page(entries="/Group<</S/Transparency/CS/DeviceCMYK>>")),
        (t, "form in form", TAKE, text_page(before="q 1 0 0 1 40 60 cm /X Do Q", resources="/XObject<</X @1>>", objects=((FORM, RED), (FORM.replace("/Resources<<>>", "/Resources<</XObject<</Y @0>>>>"), "/Y Do")))),
        (t, "marked", TAKE, text_page(before="/Span <</ActualText(x)/MCID 0>> BDC 40 60 99 60 re f EMC", entries="/StructParents 0/Tabs/S")),
        (t, "thin lines", TAKE, text_page(before="0 w 10 10 m 290 390 l S [3 2] 0 d 10 390 m 290 10 l S")),
        (m, "text and a picture", TAKE, mixed), (m, "pages of all kinds", TAKE, many),
        (a, "link", TAKE, text_page(entries="/Annots[<</Type/Annot/Subtype/Link/Border[0 0 0]/Rect[0 0 50 50]/A<</S/URI/URI(https://example.org)>>>>]")),
        (a, "stamp", TAKE, note("Stamp")), (a, "highlight", TAKE, note("Highlight", "/QuadPoints[180 80 280 80 180 40 280 40]/C[1 1 0]")), (a, "free text", TAKE, note("FreeText", "/DA(/Helv 9 Tf)/Contents(x)")),
        (a, "ink without a look", TAKE, note("Ink", "/InkList[[180 40 280 80]]/C[1 0 0]", look=False)), (a, "note that pops up", TAKE, note("Text", "/Contents(x)/Name/Note")),
        (a, "hidden stamp", TAKE, text_page(entries="/Annots[<</Type/Annot/Subtype/Stamp/F 2/Rect[180 40 280 80]/AP<</N @0>>>>]", objects=((FORM, RED),))),
        (a, "attached to a note", EITHER, note("FileAttachment", "/FS<</Type/Filespec/F(a.txt)/EF<</F @1>>>>", objects=(("/Type/EmbeddedFile", "xin chào".encode().decode("latin-1")),))),
        (a, "film", EITHER, note("Movie", "/Movie<</F(a.avi)>>")), (a, "three dimensions", EITHER, note("3D")),
        (a, "form field", TAKE, catalogued("/AcroForm<</Fields[@1]>>", ((FORM, RED), "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(b)/F 4/Rect[180 40 280 80]/AP<</N @0>>>>"), "/Annots[@1]")),
        (a, "form field without a look", TAKE, catalogued("/AcroForm<</Fields[@0]/NeedAppearances true>>", ("<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(b)/F 4/Rect[180 40 280 80]/DA(/Helv 9 Tf 0 g)>>",), "/Annots[@0]")),
        (a, "ticked box", TAKE, catalogued("/AcroForm<</Fields[@1]>>", ((FORM, RED), "<</Type/Annot/Subtype/Widget/FT/Btn/T(a)/V/On/AS/On/F 4/Rect[180 40 220 80]/AP<</N<</On @0/Off @0>>>>>>"), "/Annots[@1]")),
        (a, "empty signature field", EITHER, catalogued("/AcroForm<</SigFlags 1/Fields[@0]>>", ("<</Type/Annot/Subtype/Widget/FT/Sig/T(a)/F 4/Rect[0 0 0 0]>>",), "/Annots[@0]")),
        (a, "signature", REFUSE, catalogued("/AcroForm<</SigFlags 3/Fields[@1]>>", ("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 10 20 30]/Contents<00>>>", "<</Type/Annot/Subtype/Widget/FT/Sig/T(a)/V @0/F 4/Rect[0 0 0 0]>>"), "/Annots[@1]")),
        (a, "XFA", EITHER, catalogued("/AcroForm<</Fields[]/XFA @0>>", (("", "<xdp/>"),))),
        (a, "layers shown", TAKE, catalogued("/OCProperties<</OCGs[@0]/D<</Order[@0]>>>>", ("<</Type/OCG/Name(a)>>",), before="/OC /L BDC 1 0 0 rg 40 60 120 60 re f EMC", resources="/Properties<</L @0>>")),
        (a, "layer hidden", TAKE, catalogued("/OCProperties<</OCGs[@0]/D<</OFF[@0]>>>>", ("<</Type/OCG/Name(a)>>",), before="/OC /L BDC 1 0 0 rg 40 60 120 60 re f EMC", resources="/Properties<</L @0>>")),
        (a, "layer for print", TAKE, catalogued("/OCProperties<</OCGs[@0]/D<</AS[<</Event/View/OCGs[@0]/Category[/View]>>]>>>>", ("<</Type/OCG/Name(a)/Usage<</View<</ViewState/OFF>>>>>>",), before="/OC /L BDC 1 0 0 rg 40 60 120 60 re f EMC", resources="/Properties<</L @0>>")),
        (a, "attachment", EITHER, catalogued("/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec/F(a.txt)/EF<</F @0>>>>]>>>>", (("/Type/EmbeddedFile", "x"),))),
        (a, "script", EITHER, catalogued("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>")), (a, "launch", EITHER, catalogued("/OpenAction<</S/Launch/F(a.exe)>>")),
        (a, "outline and labels", TAKE, catalogued("/Outlines<</Type/Outlines/Count 0>>/PageLabels<</Nums[0<</S/r>>]>>/PageMode/UseOutlines")),
        (a, "thread and transition", EITHER, text_page(entries="/Trans<</S/Wipe>>/Dur 3/B[]/PieceInfo<<>>/LastModified(D:2020)/AA<</O<</S/Named/N/NextPage>>>>")),
        (b, "from below zero", TAKE, boxed("[-50 -60 250 340]", content=filled(-50, -60, 300, 400))), (b, "crop beyond", TAKE, boxed("[0 0 300 400]", "/CropBox[-50 -50 500 500]")),
        (b, "crop within", TAKE, boxed("[0 0 300 400]", "/CropBox[30 40 280 360]")), (b, "corners reversed", TAKE, boxed("[300 400 0 0]")), (b, "inherited", TAKE, boxed("", tree="/MediaBox[0 0 300 400]/Rotate 270")),
        (b, "no box", EITHER, boxed("")), (b, "no area", EITHER, boxed("[0 0 0 0]")), (b, "crop of nothing", TAKE, boxed("[0 0 300 400]", "/CropBox[0 0 0 0]")),
        (b, "reals", TAKE, boxed("[0.5 0.25 300.75 400.125]")), (b, "turned by 90", TAKE, boxed("[0 0 300 400]", "/Rotate 90")), (b, "turned by -90", TAKE, boxed("[0 0 300 400]", "/Rotate -90")),
        (b, "turned by 450", TAKE, boxed("[0 0 300 400]", "/Rotate 450")), (b, "turned by 45", EITHER, boxed("[0 0 300 400]", "/Rotate 45")), (b, "text turned by 180", TAKE, boxed("[0 0 300 400]", "/Rotate 180", born=True)),
        (b, "text turned by -270", TAKE, boxed("[-10 -20 300 400]", "/Rotate -270", born=True)), (b, "text, crop within", TAKE, boxed("[0 0 300 400]", "/CropBox[10 20 290 380]", born=True)),
        (b, "unit of two", TAKE, boxed("[0 0 300 400]", "/UserUnit 2")), (b, "text, unit of a half", EITHER, boxed("[0 0 300 400]", "/UserUnit .5", born=True)), (b, "text, unit of three", TAKE, boxed("[0 0 300 400]", "/UserUnit 3", born=True)),
        (b, "five metres", TAKE, boxed("[0 0 14400 200]", content=filled(0, 0, 14400, 200))), (b, "seven metres", EITHER, boxed("[0 0 20000 400]", content=filled(0, 0, 20000, 400))), (b, "two points", EITHER, boxed("[0 0 2 2]", content=filled(0, 0, 2, 2))),
        (b, "four points", EITHER, boxed("[0 0 4 5]", content=filled(0, 0, 4, 5))), (b, "art and bleed", TAKE, boxed("[0 0 300 400]", "/ArtBox[9 9 90 90]/BleedBox[-9 -9 400 500]/TrimBox[5 5 200 300]")),
        (x, "no resources", EITHER, broken("1 0 0 rg 20 20 50 50 re f", None)), (x, "font that is not there", EITHER, broken("BT /G 10 Tf 30 30 Td (abc) Tj ET")), (x, "picture that is not there", EITHER, broken("/J Do")),
        (x, "state that is not there", EITHER, broken("/G gs")), (x, "unknown operator", EITHER, broken("1 2 frobnicate")), (x, "states left over", EITHER, broken("q q q")), (x, "states taken away", EITHER, broken("Q Q")),
        (x, "string without an end", EITHER, broken("(abc")), (x, "font cut short", EITHER, text_page(bad=True)), (x, "names by numbers", EITHER, named_oddly), (x, "content in parts", TAKE, parts),
        (x, "tree of three levels", TAKE, treed), (x, "tree that loops", EITHER, loop), (x, "stream cut short", EITHER, cut_stream), (x, "no content", EITHER, lambda pdf, rng: pdf.page(None)),
        (x, "empty content", EITHER, lambda pdf, rng: pdf.page("")), (x, "content that is not there", EITHER, lambda pdf, rng: pdf.page(None, entries="/Contents 999 0 R")),
    ]
