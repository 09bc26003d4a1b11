"""A TrueType font cut down to the letters that are used, by hand."""
import struct

FONT = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"
TEXT = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2025 của nước ta và Nghị định về công tác văn thư"
PLAIN = "Kinh gui quy co quan mot ban sao cua to trinh so 12 ngay 8 thang 3 de biet va luu ho so theo quy dinh hien hanh"


def u16(b, at):
    return struct.unpack_from(">H", b, at)[0]


class Face:
    """glyphs: code point → glyph; widths: glyph → thousandths; program: bytes."""

    def __init__(self, letters):
        b = open(FONT, "rb").read()
        tables = {}
        for i in range(u16(b, 4)):
            tag, _, at, size = struct.unpack_from(">4sIII", b, 12 + 16 * i)
            tables[tag] = b[at:at + size]
        upem, long_loca = u16(tables[b"head"], 18), u16(tables[b"head"], 50)
        n, metrics = u16(tables[b"maxp"], 4), u16(tables[b"hhea"], 34)
        advance = lambda g: u16(tables[b"hmtx"], 4 * min(g, metrics - 1))
        self.glyphs = {ord(c): self.lookup(tables[b"cmap"], ord(c)) for c in sorted(set(letters))}
        self.widths = {g: round(advance(g) * 1000 / upem) for g in self.glyphs.values()}
        loca = tables[b"loca"]
        place = (lambda g: struct.unpack_from(">I", loca, 4 * g)[0]) if long_loca else (lambda g: 2 * u16(loca, 2 * g))
        used, todo = {0}, [0] + list(self.glyphs.values())
        while todo:
            g = todo.pop()
            used.add(g)
            d = tables[b"glyf"][place(g):place(g + 1)]
            if len(d) > 10 and struct.unpack_from(">h", d, 0)[0] < 0:
                at, flags = 10, 0x20
                while flags & 0x20:
                    flags, part = struct.unpack_from(">HH", d, at)
                    todo += [part] if part not in used else []
                    at += 4 + (4 if flags & 1 else 2) + (2 if flags & 8 else 4 if flags & 0x40 else 8 if flags & 0x80 else 0)
        glyf, offsets = b"", []
        for g in range(n):
            offsets.append(len(glyf))
            if g in used:
                d = tables[b"glyf"][place(g):place(g + 1)]
                glyf += d + b"\0" * (-len(d) % 4)
        offsets.append(len(glyf))
        head = bytearray(tables[b"head"])
        head[50:52] = b"\0\1"
        keep = {b"head": bytes(head), b"glyf": glyf, b"loca": b"".join(struct.pack(">I", o) for o in offsets), b"cmap": self.cmap()}
        keep.update({t: tables[t] for t in (b"hhea", b"maxp", b"hmtx", b"cvt ", b"fpgm", b"prep") if t in tables})
        self.program = self.file(keep)

    @staticmethod
    def lookup(cmap, c):
        for i in range(u16(cmap, 2)):
            platform, encoding, at = struct.unpack_from(">HHI", cmap, 4 + 8 * i)
            if (platform, encoding) == (3, 1) and u16(cmap, at) == 4:
                seg = u16(cmap, at + 6)
                for k in range(0, seg, 2):
                    if c <= u16(cmap, at + 14 + k):
                        start, delta, off = (u16(cmap, at + 16 + seg * m + k) for m in (1, 2, 3))
                        if c < start:
                            return 0
                        if off == 0:
                            return (c + delta) & 0xffff
                        g = u16(cmap, at + 16 + seg * 3 + k + off + 2 * (c - start))
                        return (g + delta) & 0xffff if g else 0
        return 0

    def cmap(self):
        """Format 4, platform 3, encoding 1: a segment for each letter."""
        codes = sorted(self.glyphs) + [0xffff]
        seg = len(codes)
        ends = b"".join(struct.pack(">H", c) for c in codes)
        deltas = b"".join(struct.pack(">H", ((self.glyphs.get(c, 0) if c != 0xffff else 0) - c) & 0xffff if c != 0xffff else 1) for c in codes)
        body = struct.pack(">HHHH", seg * 2, 0, 0, 0) + ends + b"\0\0" + ends + deltas + b"\0\0" * seg
        table = struct.pack(">HHH", 4, 6 + len(body), 0) + body
        return struct.pack(">HHHHI", 0, 1, 3, 1, 12) + table

    @staticmethod
    def file(tables):
        at = 12 + 16 * len(tables)
        head, body = struct.pack(">IHHHH", 0x10000, len(tables), 0, 0, 0), b""
        for tag in sorted(tables):
            d = tables[tag]
            padded = d + b"\0" * (-len(d) % 4)
            total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xffffffff
            head += struct.pack(">4sIII", tag, total, at + len(body), len(d))
            body += padded
        return head + body
