"""pyHanko's AdES verdict on every signature of a PDF file, as JSON lines.

usage: lasting.py ROOT.pem[,ROOT.pem…] FILE.pdf [YEAR]

Nothing is fetched: what the file brings must do (EN 319 102-1, 5.6.3). With a
year, validation is simulated on its 30 June, when the certificates of signers
and time-stamp authority may have ended, supposing that the time-stamps were
renewed.
"""
import asyncio
import json
import sys
from datetime import datetime, timezone

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation, simulate_future_ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

root, path, year = sys.argv[1], sys.argv[2], sys.argv[3:]


def spec():
    return PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build([load_cert_from_pemder(r) for r in root.split(",")]),
                revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
            ),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        )
    )


with open(path, "rb") as f:
    for s in PdfFileReader(f).embedded_regular_signatures:
        if year:
            at = datetime(int(year[0]), 6, 30, tzinfo=timezone.utc)
            result = asyncio.run(simulate_future_ades_lta_validation(s, spec(), at))
        else:
            result = asyncio.run(ades_lta_validation(s, spec()))
        print(json.dumps({
            "field": s.field_name,
            "verdict": str(result.ades_subindic),
            "archived": result.oldest_evidence_record_timestamp is not None,
            "why": result.failure_msg,
        }))
