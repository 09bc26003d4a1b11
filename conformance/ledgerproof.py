"""Checks the proof of an event of Sohoa's ledger without Sohoa.

    python3 ledgerproof.py PROOF KEY [CHECKPOINT]

KEY is a line of `sohoa audit key` or of /ledger/keys; CHECKPOINT, if given, is
one that was kept earlier. Needs the module "cryptography" for Ed25519 alone.
"""
import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

sha = lambda b: hashlib.sha256(b).digest()
proof_text, key = open(sys.argv[1], encoding="utf-8").read(), sys.argv[2]

# The parts of a proof (c2sp.org/tlog-proof).
head, note = proof_text.split("\n\n", 1)
lines = head.split("\n")
assert lines[0] == "c2sp.org/tlog-proof@v1", "not a proof"
event = base64.b64decode(lines[1].removeprefix("extra "), validate=True)
index = int(lines[2].removeprefix("index "))
path = [base64.b64decode(l, validate=True) for l in lines[3:]]

# The checkpoint: its signature by the key (c2sp.org/signed-note), its three lines.
text, signatures = note.split("\n\n", 1)
text += "\n"
name, key_id, public = key.split("+", 2)
public = base64.b64decode(public)
assert public[0] == 1 and sha(name.encode() + b"\n" + public)[:4].hex() == key_id, "not an Ed25519 key"
signed = [base64.b64decode(l.split(" ")[2]) for l in signatures.splitlines() if l.startswith(f"— {name} ")]
mine = [s[4:] for s in signed if s[:4].hex() == key_id]
assert mine, "not signed by this key"
Ed25519PublicKey.from_public_bytes(public[1:]).verify(mine[0], text.encode())
origin, size, root = text.split("\n")[:3]
size, root = int(size), base64.b64decode(root)
assert origin == name and 0 <= index < size
if len(sys.argv) > 3:
    assert open(sys.argv[3], encoding="utf-8").read().split("\n\n")[0] + "\n" == text, "another checkpoint was kept"

# The way from the leaf up to the root (RFC 9162 section 2.1.3.2).
r, fn, sn = sha(b"\0" + event), index, size - 1
for p in path:
    assert sn > 0, "the proof is too long"
    if fn & 1 or fn == sn:
        r = sha(b"\1" + p + r)
        while not fn & 1 and fn:
            fn, sn = fn >> 1, sn >> 1
    else:
        r = sha(b"\1" + r + p)
    fn, sn = fn >> 1, sn >> 1
assert sn == 0 and r == root, "the event is not in this ledger"
print(json.dumps({"holds": True, "place": index, "size": size, "event": json.loads(event)}, ensure_ascii=False))
