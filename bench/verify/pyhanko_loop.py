"""pyHanko judges one file, or one many times, as B-LTA with nothing fetched.

usage: pyhanko_loop.py ROOT.pem FILE.pdf ROUNDS

With rounds, two files go before those that are measured. The last line is JSON:
seconds of CPU for each file, the largest memory resident, the verdicts.
"""
import asyncio
import json
import logging
import resource
import sys
import time
from collections import Counter

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

logging.disable(logging.CRITICAL)
root, path, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
trusted = load_cert_from_pemder(root)


def judge():
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build([trusted]),
                revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
            ),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        )
    )
    words = Counter()
    with open(path, "rb") as f:
        for s in PdfFileReader(f).embedded_regular_signatures:
            words[str(asyncio.run(ades_lta_validation(s, spec)).ades_subindic)] += 1
    return words


words = judge()
warm = 0.0
if rounds:
    if time.process_time() > 20:
        rounds = 1  # so slow that its warming up does not matter
    else:
        judge()
    before = time.process_time()
    for _ in range(rounds):
        judge()
    warm = (time.process_time() - before) / rounds
print(json.dumps({
    "warm": warm,
    "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10,
    "says": ", ".join(f"{n} {w}" for w, n in words.items()),
}))
