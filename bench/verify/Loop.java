import com.sun.management.OperatingSystemMXBean;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * EU DSS judges one file, or one many times, with nothing fetched.
 *
 * usage: Loop ROOT.pem FILE.pdf ROUNDS
 *
 * With rounds, as many files go before those that are measured, so that the
 * machine has compiled what it will. The last line is JSON: seconds of CPU of all
 * threads for each file, the largest memory resident, the verdicts.
 */
public class Loop {
    public static void main(String[] args) throws Exception {
        CertificateToken root = DSSUtils.loadCertificate(new File(args[0]));
        int rounds = Integer.parseInt(args[2]);
        Map<String, Integer> words = judge(root, args[1]);
        double warm = 0;
        if (rounds > 0) {
            for (int i = 0; i < 4 * rounds; i++) {
                judge(root, args[1]);
            }
            long before = cpu();
            for (int i = 0; i < rounds; i++) {
                judge(root, args[1]);
            }
            warm = (cpu() - before) / 1e9 / rounds;
        }
        StringBuilder says = new StringBuilder();
        words.forEach((w, n) -> says.append(says.length() > 0 ? ", " : "").append(n).append(' ').append(w));
        System.out.printf("{\"warm\": %.6f, \"rss\": %d, \"says\": \"%s\"}%n", warm, resident(), says);
    }

    static Map<String, Integer> judge(CertificateToken root, String file) {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(root);
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
        validator.setCertificateVerifier(verifier);
        SimpleReport report = validator.validateDocument().getSimpleReport();
        Map<String, Integer> words = new TreeMap<>();
        for (String id : report.getSignatureIdList()) {
            words.merge(String.valueOf(report.getIndication(id)), 1, Integer::sum);
        }
        return words;
    }

    static long cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    static long resident() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(l -> l.startsWith("VmHWM"))
            .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")) << 10).findFirst().orElse(0);
    }
}
