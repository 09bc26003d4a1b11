"""pyHanko's verdict on every signature of PDF files, as JSON lines.

usage: pades.py ROOT.pem FILE.pdf CRL.der...

Nothing is fetched. Revocation lists must tell of every certificate.
"""
import json
import sys

from asn1crypto import crl
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

root, path, lists = sys.argv[1], sys.argv[2], sys.argv[3:]


def context():
    return ValidationContext(
        trust_roots=[load_cert_from_pemder(root)],
        crls=[crl.CertificateList.load(open(f, "rb").read()) for f in lists],
        revocation_mode="require",
        allow_fetching=False,
    )


with open(path, "rb") as f:
    for s in PdfFileReader(f).embedded_signatures:
        status = validate_pdf_signature(s, signer_validation_context=context(), ts_validation_context=context())
        stamp = status.timestamp_validity
        print(json.dumps({
            "field": s.field_name,
            "ok": bool(status.bottom_line),
            "trusted": bool(status.trusted),
            "coverage": status.coverage.name,
            "changes": status.modification_level.name if status.modification_level else "",
            "stamped": bool(stamp and stamp.valid and stamp.trusted),
            "subfilter": str(s.sig_object["/SubFilter"]),
        }))
