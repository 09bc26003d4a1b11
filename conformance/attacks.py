"""pyHanko's verdict on many files: for each a line of name, tab, words.

usage: attacks.py ROOT.pem CRL.der,CRL.der FILE.pdf...

"valid" if every signature is: intact, trusted, nothing changed that may not be.
"""
import logging
import sys

from asn1crypto import crl
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)
root, lists, files = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
trusted = load_cert_from_pemder(root)
crls = [crl.CertificateList.load(open(f, "rb").read()) for f in lists]


def context():
    return ValidationContext(trust_roots=[trusted], crls=crls, revocation_mode="require", allow_fetching=False)


def judge(path):
    with open(path, "rb") as f:
        reader = PdfFileReader(f)
        signatures = reader.embedded_signatures
        if not signatures:
            return "no signature"
        for s in signatures:
            if s.sig_object_type == "/DocTimeStamp" or s.sig_object.get("/SubFilter") == "/ETSI.RFC3161":
                status = validate_pdf_timestamp(s, validation_context=context())
            else:
                status = validate_pdf_signature(s, signer_validation_context=context(), ts_validation_context=context())
            if not status.bottom_line:
                return "rejected"
    return "valid"


for path in files:
    try:
        words = judge(path)
    except Exception as e:  # whatever stops it is a rejection
        words = "error " + type(e).__name__
    print(path + "\t" + words, flush=True)
