"""The paper that odd files show: nothing on it is the same turned or mirrored."""
import io

from PIL import Image, ImageDraw

REFERENCE = 240  # points on the longer side of a reference picture


def paper(rng, mode="RGB", w=None, h=None):
    """A sheet with a block, a disc, bars and lines at places of its own."""
    w = w or rng.randrange(180, 340)
    h = h or rng.randrange(240, 420)
    img = Image.new("RGB", (w, h), "white")
    d = ImageDraw.Draw(img)
    u = max(1, min(w, h) // 20)
    colour = lambda: tuple(rng.choice([0, 40, 90, 160, 220]) for _ in range(3))
    d.rectangle([2 * u, 2 * u, 6 * u, 4 * u], fill="black")
    d.ellipse([w - 7 * u, h - 7 * u, w - 2 * u, h - 2 * u], fill=colour())
    d.polygon([(2 * u, h - 2 * u), (7 * u, h - 2 * u), (2 * u, h - 6 * u)], fill=colour())
    for i in range(rng.randrange(3, 8)):
        y = h // 3 + i * u * 3 // 2
        d.rectangle([2 * u, y, w - rng.randrange(2, 9) * u, y + u // 2], fill=(0, 0, 0) if i % 2 else colour())
    if mode == "1":
        return img.convert("L").point(lambda v: 255 if v > 127 else 0).convert("1")
    if mode == "CMYK":
        return img.convert("CMYK")
    return img.convert(mode)


def saved(img, format, **more):
    out = io.BytesIO()
    img.save(out, format, **more)
    return out.getvalue()


def on_white(img):
    """What is seen of a picture that lets paper through."""
    if img.mode in ("LA", "PA", "RGBA") or "transparency" in img.info:
        rgba = img.convert("RGBA")
        under = Image.new("RGBA", rgba.size, "white")
        under.alpha_composite(rgba)
        return under.convert("RGB")
    return img


def reference(img):
    if img.mode.startswith("I"):
        img = img.point(lambda v: v / 256).convert("L")
    grey = on_white(img).convert("L")
    scale = REFERENCE / max(grey.size)
    size = [max(1, round(side * scale)) for side in grey.size]
    return grey.resize(size, Image.BOX if scale < 1 else Image.NEAREST)
