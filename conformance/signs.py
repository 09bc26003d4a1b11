"""Signs a PDF with pyHanko, as another house would: PAdES with a time-stamp.

usage: signs.py KEY.p12 PASSWORD-FILE TSA-URL IN.pdf OUT.pdf
"""
import sys

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers, timestamps
from pyhanko.sign.fields import SigSeedSubFilter

key, secret, tsa, src, dst = sys.argv[1:]
signer = signers.SimpleSigner.load_pkcs12(key, passphrase=open(secret, "rb").read().strip())
with open(src, "rb") as f, open(dst, "wb") as out:
    signers.sign_pdf(
        IncrementalPdfFileWriter(f),
        signers.PdfSignatureMetadata(field_name="Elsewhere", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES),
        signer=signer,
        timestamper=timestamps.HTTPTimeStamper(tsa),
        output=out,
    )
