"""Odd pictures: JPEG, PNG and TIFF as scanners, cameras and old programs write
them, and kinds that are not taken."""
import io, struct, subprocess, zlib

from PIL import Image, ImageOps

from oddpaper import paper, saved

TURNS = {2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE,
         6: Image.ROTATE_270, 7: Image.TRANSVERSE, 8: Image.ROTATE_90}


def upright(img, orientation):
    return img.transpose(TURNS[orientation]) if orientation in TURNS else img


def decoded(data):
    img = Image.open(io.BytesIO(data))
    img.load()
    return img


def squared(img, x, y):
    """As it is on paper: x and y dots an inch."""
    return img.resize((img.width, round(img.height * x / y)), Image.NEAREST)


# JPEG

def jpegtran(data, *args):
    return subprocess.run(["jpegtran", *args], input=data, capture_output=True, check=True).stdout


def jpeg(mode="RGB", tran=(), orientation=None, jfif=None, tail=b"", size=None, **more):
    def make(rng, _):
        img = paper(rng, mode, *(size or ()))
        options = dict(quality=rng.choice([60, 85, 95]), dpi=(rng.choice([55, 60, 80]),) * 2)
        options.update(more)
        if orientation:
            exif = Image.Exif()
            exif[0x112] = orientation
            options["exif"] = exif
        data = saved(img, "JPEG", **options)
        if tran:
            data = jpegtran(data, *tran)
        if jfif:  # unit, x, y
            at = data.index(b"JFIF\0") + 7
            data = data[:at] + struct.pack(">BHH", *jfif) + data[at + 5:]
        shown = decoded(data).convert("RGB")
        if jfif and jfif[0] and jfif[1] != jfif[2]:
            shown = squared(shown, *jfif[1:])
        return data + tail, "jpg", [upright(shown, orientation)]
    return make


def ycck(rng, _):
    """CMYK stored as YCCK, and inverted as Adobe's programs do."""
    img = paper(rng, "CMYK")
    data = saved(img, "JPEG", quality=90)
    return data, "jpg", [decoded(data).convert("RGB")]


def cut_jpeg(rng, _):
    data = saved(paper(rng), "JPEG")
    return data[:len(data) * 2 // 3], "jpg", []


# PNG

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(mode, before=b"", tail=b"", **more):
    def make(rng, _):
        img = paper(rng, {"LA": "L", "RGBA": "RGB", "P": "RGB", "I;16": "L"}.get(mode, mode))
        if mode == "P":
            img = img.quantize(rng.choice([2, 4, 16, 256]))
        elif mode in ("LA", "RGBA"):
            img = img.convert(mode)
            alpha = Image.linear_gradient("L").resize(img.size)
            img.putalpha(alpha)
        elif mode == "I;16":
            img = Image.frombytes("I;16", img.size, b"".join(struct.pack("<H", v * 257) for v in img.tobytes()))
        options = dict(dpi=(60, 60))
        options.update(more)
        data = saved(img, "PNG", **{k: v for k, v in options.items() if v is not None})
        if before:
            data = data[:33] + before + data[33:]
        shown = decoded(data)
        if mode == "I;16":
            shown = paper_of_16(img)
        return data + tail, "png", [shown]
    return make


def paper_of_16(img):
    raw = img.tobytes()
    return Image.frombytes("L", img.size, raw[1::2])


def raw_png(depth, colour, interlaced=False, trns=None):
    """PNG by hand: 16 bits of colour, and Adam7."""
    def make(rng, _):
        channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
        img = paper(rng, {0: "L", 2: "RGB", 4: "L", 6: "RGB"}[colour])
        w, h = img.size
        px = img.load()

        def sample(x, y):
            v = px[x, y]
            v = (v,) if isinstance(v, int) else v
            v = tuple(v) + ((255,) if channels in (2, 4) else ())
            return b"".join(struct.pack(">H", s * 257) if depth == 16 else bytes([s]) for s in v)

        passes = [(0, 0, 1, 1)]
        if interlaced:
            passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        rows = b""
        for x0, y0, dx, dy in passes:
            for y in range(y0, h, dy):
                line = b"".join(sample(x, y) for x in range(x0, w, dx))
                rows += b"\0" + line if line else b""
        data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, int(interlaced)))
        data += chunk(b"pHYs", struct.pack(">IIB", 2362, 2362, 1))
        if trns:
            data += chunk(b"tRNS", trns)
        data += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
        return data, "png", [img]
    return make


def bad_crc(rng, _):
    data = bytearray(saved(paper(rng), "PNG"))
    data[-20] ^= 1
    return bytes(data), "png", []


# TIFF

def tiff(mode, compression=None, pages=1, orientation=None, resolution=None, tags=()):
    def make(rng, _):
        imgs = [paper(rng, {"P": "RGB", "I;16": "L", "RGBA": "RGB"}.get(mode, mode)) for _ in range(pages)]
        if mode == "P":
            imgs = [i.quantize(64) for i in imgs]
        elif mode == "RGBA":
            imgs = [i.convert("RGBA") for i in imgs]
        info = {}
        if orientation:
            info[274] = orientation
        for tag, value in tags:
            info[tag] = value
        options = dict(compression=compression, tiffinfo=info)
        if resolution != "none":
            unit, x, y = resolution or (2, 60, 60)
            options.update(resolution_unit=unit, x_resolution=x, y_resolution=y)
        data = saved(imgs[0], "TIFF", save_all=pages > 1, append_images=imgs[1:], **options)
        shown = [upright(i.convert("RGB"), orientation) for i in imgs]
        if resolution and resolution != "none" and resolution[0] != 1 and resolution[1] != resolution[2]:
            shown = [squared(i, *resolution[1:]) for i in shown]
        return data, "tif", shown
    return make


def raw_tiff(big=False, order="<", planar=False, tile=None, bits=8, channels=3, fill=1, photometric=None, compression=1, rows=7, unit=2, sixteen=False):
    """TIFF 6.0 by hand: tiles, planes, big-endian, BigTIFF, orders of bits."""
    def make(rng, _):
        img = paper(rng, "1" if bits == 1 else ("L" if channels == 1 else "RGB"))
        w, h = img.size
        shown = img.convert("L" if channels == 1 else "RGB")
        if bits < 8:
            top = (1 << bits) - 1
            shown = shown.point(lambda v: (v >> (8 - bits)) * 255 // top)
        px = shown.load()
        white_is_zero = photometric == 0

        def value(x, y, c):
            v = px[min(x, w - 1), min(y, h - 1)]
            v = v if channels == 1 else v[c]
            return 255 - v if white_is_zero else v

        def packed(x0, y0, bw, bh, planes):
            out = bytearray()
            for y in range(y0, y0 + bh):
                row = [value(x, y, c) for x in range(x0, x0 + bw) for c in planes]
                if bits == 8:
                    out += bytes(row)
                elif bits == 16:
                    out += b"".join(struct.pack(order + "H", v * 257) for v in row)
                else:
                    acc = "".join(format(v >> (8 - bits), f"0{bits}b") for v in row)
                    acc += "0" * (-len(acc) % 8)
                    line = bytes(int(acc[i:i + 8], 2) for i in range(0, len(acc), 8))
                    if fill == 2:
                        line = bytes(int(format(b, "08b")[::-1], 2) for b in line)
                    out += line
            data = bytes(out)
            if compression == 8:
                return zlib.compress(data)
            if compression == 32773:
                return b"".join(bytes([len(data[i:i + 128]) - 1]) + data[i:i + 128] for i in range(0, len(data), 128))
            return data

        planes = [[c] for c in range(channels)] if planar else [list(range(channels))]
        blocks = []
        for p in planes:
            if tile:
                blocks += [packed(x, y, tile, tile, p) for y in range(0, h, tile) for x in range(0, w, tile)]
            else:
                blocks += [packed(0, y, w, min(rows, h - y), p) for y in range(0, h, rows)]
        head = 16 if big else 8
        body, offsets = b"", []
        for b in blocks:
            offsets.append(head + len(body))
            body += b + b"\0" * (len(b) % 2)
        entries = [(256, 4, [w]), (257, 4, [h]), (258, 3, [bits] * channels), (259, 3, [compression]),
                   (262, 3, [photometric if photometric is not None else (1 if channels == 1 else 2)]), (266, 3, [fill]),
                   (277, 3, [channels]), (282, 5, [60]), (283, 5, [60]), (284, 3, [2 if planar else 1]), (296, 3, [unit])]
        counts = [len(b) for b in blocks]
        if tile:
            entries += [(322, 3, [tile]), (323, 3, [tile]), (324, 4, offsets), (325, 4, counts)]
        else:
            entries += [(273, 4, offsets), (278, 4, [rows]), (279, 4, counts)]
        entries.sort()
        at = head + len(body)
        step, room, count = (20, 8, "Q") if big else (12, 4, "H")
        extra_at = at + struct.calcsize("=" + count) + step * len(entries) + room
        directory, extra = struct.pack(order + count, len(entries)), b""
        for tag, kind, values in entries:
            raw = b"".join(struct.pack(order + "II", v, 1) if kind == 5 else struct.pack(order + {3: "H", 4: "I"}[kind], v) for v in values)
            if len(raw) > room:
                place = struct.pack(order + ("Q" if big else "I"), extra_at + len(extra))
                extra += raw + b"\0" * (len(raw) % 2)
            else:
                place = raw.ljust(room, b"\0")
            directory += struct.pack(order + "HH" + ("Q" if big else "I"), tag, kind, len(values)) + place
        directory += b"\0" * room
        mark = b"II" if order == "<" else b"MM"
        first = struct.pack(order + "HHHQ", 43, 8, 0, at) if big else struct.pack(order + "HI", 42, at)
        return mark + first + body + directory + extra, "tif", [shown]
    return make


def other(format, ext):
    return lambda rng, _: (saved(paper(rng), format), ext, [])


def constant(data, ext):
    return lambda rng, _: (data, ext, [])


def image_makers():
    j, p, t = "JPEG", "PNG", "TIFF"
    all = [(j, "grey", "take", jpeg("L")), (j, "colour", "take", jpeg()), (j, "CMYK", "either", jpeg("CMYK")), (j, "YCCK", "either", ycck),
           (j, "progressive", "take", jpeg(progressive=True)), (j, "progressive grey", "take", jpeg("L", progressive=True)),
           (j, "arithmetic", "either", jpeg(tran=("-arithmetic",))), (j, "restart markers", "take", jpeg(tran=("-restart", "1"))),
           (j, "no subsampling", "take", jpeg(subsampling=0)), (j, "half subsampling", "take", jpeg(subsampling=1)),
           (j, "without density", "take", jpeg(jfif=(0, 1, 1))), (j, "per centimetre", "take", jpeg(jfif=(2, 59, 59))),
           (j, "zero density", "take", jpeg(jfif=(1, 0, 0))), (j, "one dot an inch", "either", jpeg(jfif=(1, 1, 1))),
           (j, "two densities", "take", jpeg(jfif=(1, 204, 98))), (j, "far too dense", "either", jpeg(jfif=(1, 65535, 65535))),
           (j, "bytes after its end", "take", jpeg(tail=b"\0" * 700 + b"trailer")), (j, "cut short", "refuse", cut_jpeg),
           (j, "one point", "either", jpeg(size=(1, 1))), (j, "a long strip", "either", jpeg(size=(4000, 9)))]
    all += [(j, f"orientation {o}", "take", jpeg(orientation=o)) for o in range(1, 9)]
    all += [(p, "one bit", "take", png("1")), (p, "grey", "take", png("L")), (p, "colour", "take", png("RGB")), (p, "palette", "take", png("P")),
            (p, "grey with alpha", "either", png("LA")), (p, "colour with alpha", "either", png("RGBA")), (p, "16 bit grey", "take", png("I;16")),
            (p, "16 bit colour", "take", raw_png(16, 2)), (p, "interlaced", "take", raw_png(8, 2, True)), (p, "interlaced grey", "take", raw_png(8, 0, True)),
            (p, "16 bit interlaced with alpha", "either", raw_png(16, 6, True)), (p, "grey tRNS", "either", raw_png(8, 0, trns=b"\0\x07")),
            (p, "palette with tRNS", "either", png("P", transparency=0)), (p, "without density", "take", png("RGB", dpi=None)),
            (p, "density of no unit", "take", png("L", dpi=None, before=chunk(b"pHYs", struct.pack(">IIB", 2, 1, 0)))),
            (p, "gamma", "take", png("RGB", before=chunk(b"gAMA", struct.pack(">I", 45455)))), (p, "bytes after its end", "take", png("RGB", tail=b"junk" * 50)),
            (p, "wrong sum", "refuse", bad_crc)]
    all += [(t, f"{m}, {c or 'plain'}", "either" if m in ("CMYK", "RGBA") else "take", tiff(m, c)) for m, c in
            [("1", None), ("1", "group3"), ("1", "group4"), ("1", "packbits"), ("1", "tiff_lzw"), ("L", None), ("L", "tiff_lzw"), ("L", "tiff_adobe_deflate"),
             ("L", "packbits"), ("RGB", None), ("RGB", "tiff_lzw"), ("RGB", "packbits"), ("RGB", "tiff_deflate"), ("RGB", "jpeg"), ("L", "jpeg"), ("P", None),
             ("P", "tiff_lzw"), ("CMYK", None), ("RGBA", "tiff_adobe_deflate")]]
    all += [(t, f"orientation {o}", "take", tiff("RGB", "tiff_lzw", orientation=o)) for o in range(1, 9)]
    all += [(t, "pages by Group 4", "take", tiff("1", "group4", pages=3)), (t, "pages by LZW", "take", tiff("RGB", "tiff_lzw", pages=2)),
            (t, "per centimetre", "take", tiff("1", "group4", resolution=(3, 59, 59))), (t, "no unit", "take", tiff("1", "group4", resolution=(1, 204, 196))),
            (t, "fax densities", "take", tiff("1", "group4", resolution=(2, 204, 98))), (t, "no resolution", "take", tiff("L", resolution="none")),
            (t, "resolution of nothing", "either", tiff("L", resolution=(2, 0, 0))), (t, "difference before LZW", "take", tiff("RGB", "tiff_lzw", tags=[(317, 2)])),
            (t, "tiles", "either", raw_tiff(tile=64)), (t, "tiles, deflated", "either", raw_tiff(tile=32, compression=8, channels=1)),
            (t, "planes", "either", raw_tiff(planar=True)), (t, "big-endian", "take", raw_tiff(order=">")), (t, "big-endian 16 bit", "either", raw_tiff(order=">", bits=16)),
            (t, "16 bit grey", "either", raw_tiff(bits=16, channels=1)), (t, "BigTIFF", "either", raw_tiff(big=True)), (t, "white is zero", "take", raw_tiff(channels=1, photometric=0)),
            (t, "one bit, white is zero", "take", raw_tiff(channels=1, photometric=0, bits=1)), (t, "one bit, other order", "either", raw_tiff(channels=1, bits=1, fill=2)),
            (t, "four bit", "either", raw_tiff(channels=1, bits=4)), (t, "two bit", "either", raw_tiff(channels=1, bits=2)), (t, "PackBits by hand", "take", raw_tiff(compression=32773)),
            (t, "one row a strip", "take", raw_tiff(rows=1, compression=8))]
    o = "not taken"
    return all + [(o, "GIF", "refuse", other("GIF", "gif")), (o, "BMP", "refuse", other("BMP", "bmp")), (o, "WebP", "refuse", other("WEBP", "webp")),
                  (o, "JPEG 2000", "refuse", other("JPEG2000", "jp2")), (o, "nothing", "refuse", constant(b"", "pdf")),
                  (o, "text", "refuse", constant("Giấy mời\n".encode() * 40, "txt")), (o, "ZIP", "refuse", constant(b"PK\5\6" + b"\0" * 18, "zip"))]
