"""pyHanko's verdict on every signature of many PDF files, as JSON lines.

usage: matrix.py ROOT.pem ISSUING.crl ROOT.crl FILE.pdf...

Each signature is validated with the lists given; those of files with B-LTA in
their name also by the rules for long-term validation, with nothing but what the
file brings (EN 319 102-1, 5.6.3).
"""
import asyncio
import json
import logging
import os
import sys

from asn1crypto import crl
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

logging.disable(logging.CRITICAL)
root = load_cert_from_pemder(sys.argv[1])
lists = [crl.CertificateList.load(open(f, "rb").read()) for f in sys.argv[2:4]]


def context():
    return ValidationContext(trust_roots=[root], crls=lists, revocation_mode="require", allow_fetching=False)


def spec():
    return PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build([root]),
                revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
            ),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        )
    )


for path in sys.argv[4:]:
    with open(path, "rb") as f:
        for s in PdfFileReader(f).embedded_regular_signatures:
            status = validate_pdf_signature(s, signer_validation_context=context(), ts_validation_context=context())
            lasting = ""
            if "B-LTA" in path:
                result = asyncio.run(ades_lta_validation(s, spec()))
                lasting = str(result.ades_subindic).rpartition(".")[2]
            print(json.dumps({
                "file": os.path.basename(path),
                "ok": bool(status.bottom_line and status.trusted),
                "changes": status.modification_level.name if status.modification_level else "",
                "stamped": bool(status.timestamp_validity and status.timestamp_validity.valid),
                "lasting": lasting,
            }), flush=True)
