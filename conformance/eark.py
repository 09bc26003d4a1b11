"""E-ARK's own validator on packages, without a network: its vocabularies, which
it would fetch, are read from its own files.

  eark.py PACKAGE…   a line each: name, verdict on structure, schema, rules, and
                     the rules that are broken
"""
import importlib.util
import os
import pathlib
import sys
import urllib.request

home = importlib.util.find_spec("eark_validator").submodule_search_locations[0]
urllib.request.urlopen = lambda uri: open(os.path.join(home, "ipxml/resources/vocabs", uri.rsplit("/", 1)[1]), "rb")

from eark_validator import packages  # noqa: E402
from eark_validator.specifications.specification import SpecificationVersion  # noqa: E402

for path in sys.argv[1:]:
    report = packages.PackageValidator(pathlib.Path(path), SpecificationVersion("V2.0.4")).validation_report
    broken = set()
    rules = "NONE"
    if report.metadata:
        rules = report.metadata.schematron_results.status.value
        broken = {m.rule_id for m in report.metadata.schematron_results.messages if m.severity.value.lower() == "error"}
    print(os.path.basename(path), report.structure.status.value, report.metadata and report.metadata.schema_results.status.value, rules, *sorted(broken))
