package dev.millrace.serve;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Reads a certificate and its key from the PEM files that certificate authorities hand out. */
final class PemFiles {
    private static final Pattern KEY =
            Pattern.compile(
                    "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");

    private PemFiles() {}

    /** Throws {@link IllegalArgumentException} with one line where they cannot be used. */
    static SslContextFactory.Server context(ServeSettings.Tls tls) {
        try {
            Certificate[] chain = chain(tls.certificate());
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            PrivateKey key = key(tls.key());
            requirePair(key, chain[0].getPublicKey());
            store.setKeyEntry("serve", key, new char[0], chain);
            SslContextFactory.Server context = new SslContextFactory.Server();
            context.setKeyStore(store);
            context.setKeyStorePassword("");
            context.setSniRequired(false);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "serve.tls: certificate and key cannot be used (%s); give PEM files that belong together"
                            .formatted(e.getMessage()));
        }
    }

    private static Certificate[] chain(Path file) throws IOException {
        try {
            byte[] bytes = read("certificate", file);
            Certificate[] chain =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes))
                            .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new GeneralSecurityException("it holds none");
            }
            return chain;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "serve.tls.certificate: '%s' holds no certificate in PEM; give the file with the whole chain"
                            .formatted(file));
        }
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        Matcher pem = KEY.matcher(new String(read("key", file), StandardCharsets.US_ASCII));
        if (pem.find()) {
            byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
            for (String algorithm : ALGORITHMS) {
                try {
                    return KeyFactory.getInstance(algorithm)
                            .generatePrivate(new PKCS8EncodedKeySpec(der));
                } catch (InvalidKeySpecException e) {
                    // Of another algorithm.
                }
            }
        }
        throw new IllegalArgumentException(
                "serve.tls.key: '%s' holds no private key that can be read; convert it with: openssl pkcs8 -topk8 -nocrypt -in KEY -out key.pem"
                        .formatted(file));
    }

    /** Nobody else would find out before the first caller. */
    private static void requirePair(PrivateKey key, PublicKey certified)
            throws GeneralSecurityException {
        if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
            throw new GeneralSecurityException("the certificate is not for this key");
        }
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> key.getAlgorithm();
                };
        byte[] anything = {1};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(anything);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        signature.update(anything);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the certificate is not for this key");
        }
    }

    private static byte[] read(String key, Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(
                    "serve.tls.%s: '%s' cannot be read; give a PEM file".formatted(key, file));
        }
        return Files.readAllBytes(file);
    }
}
