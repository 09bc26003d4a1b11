"""pyHanko's AdES verdict on every signature of PDF files, as JSON lines.

usage: lasting.py ROOT.pem[,ROOT.pem…] WHEN[,WHEN…] FILE.pdf…

Nothing is fetched: what the file brings must do (EN 319 102-1, 5.6.3). WHEN is
"now" or a year: then validation is simulated on its 30 June, when the
certificates of signers and time-stamp authority may have ended, supposing that
the time-stamps were renewed.
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

root, times, paths = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]


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


def judge(path, when):
    with open(path, "rb") as f:
        for s in PdfFileReader(f).embedded_regular_signatures:
            if when == "now":
                result = asyncio.run(ades_lta_validation(s, spec()))
            else:
                at = datetime(int(when), 6, 30, tzinfo=timezone.utc)
                result = asyncio.run(simulate_future_ades_lta_validation(s, spec(), at))
            print(json.dumps({
                "file": path,
                "when": when,
                "field": s.field_name,
                "verdict": str(result.ades_subindic),
                "archived": result.oldest_evidence_record_timestamp is not None,
                "why": result.failure_msg,
            }))


for path in paths:
    for when in times:
        judge(path, when)
