import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.util.stream.Collectors;

/**
 * The verdict of the European Commission's DSS on every signature of PDF files:
 * one line for each, with file, format reached, indication and reasons. Nothing
 * is fetched.
 *
 * usage: Judge ROOT.pem FILE.pdf...
 */
public class Judge {
    public static void main(String[] args) {
        for (int i = 1; i < args.length; i++) {
            CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
            for (String root : args[0].split(",")) {
                trusted.addCertificate(DSSUtils.loadCertificate(new File(root)));
            }
            CommonCertificateVerifier verifier = new CommonCertificateVerifier();
            verifier.setTrustedCertSources(trusted);
            SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(args[i]));
            validator.setCertificateVerifier(verifier);
            SimpleReport report = validator.validateDocument().getSimpleReport();
            for (String id : report.getSignatureIdList()) {
                Indication indication = report.getIndication(id);
                String why = indication == Indication.TOTAL_PASSED ? "" : " " + report.getSubIndication(id)
                    + report.getAdESValidationErrors(id).stream().map(m -> "; " + m.getValue()).distinct().collect(Collectors.joining());
                System.out.println(args[i] + "\t" + report.getSignatureFormat(id) + " " + indication + why);
            }
        }
    }
}
