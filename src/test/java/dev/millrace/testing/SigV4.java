package dev.millrace.testing;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signature that a request to S3 must have, as AWS describes version 4: a second implementation
 * of what the worker signs with.
 *
 * @param headers by their names in lower case
 * @param signed names of the headers that are signed, in lower case
 * @param time as in {@code x-amz-date}
 */
record SigV4(
        String method,
        String rawPath,
        String rawQuery,
        Map<String, String> headers,
        List<String> signed,
        String time,
        String region) {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";

    /** In hex. */
    String signature(String secret) {
        String day = time.substring(0, 8);
        String scope = day + "/" + region + "/s3/aws4_request";
        String toSign =
                String.join(
                        "\n",
                        ALGORITHM,
                        time,
                        scope,
                        hash(canonicalRequest().getBytes(StandardCharsets.UTF_8)));
        byte[] key = hmac(("AWS4" + secret).getBytes(StandardCharsets.UTF_8), day);
        for (String part : List.of(region, "s3", "aws4_request")) {
            key = hmac(key, part);
        }
        return hex(hmac(key, toSign));
    }

    private String canonicalRequest() {
        StringBuilder lines = new StringBuilder();
        for (String name : new TreeSet<>(signed)) {
            lines.append(name).append(':').append(headers.getOrDefault(name, "").strip());
            lines.append('\n');
        }
        return String.join(
                "\n",
                method,
                encoded(decoded(rawPath), true),
                canonicalQuery(),
                lines.toString(),
                String.join(";", new TreeSet<>(signed)),
                headers.get("x-amz-content-sha256"));
    }

    private String canonicalQuery() {
        TreeMap<String, String> query = new TreeMap<>();
        if (rawQuery != null && !rawQuery.isEmpty()) {
            for (String pair : rawQuery.split("&")) {
                String[] both = pair.split("=", 2);
                query.put(
                        encoded(decoded(both[0]), false),
                        both.length == 2 ? encoded(decoded(both[1]), false) : "");
            }
        }
        return String.join(
                "&", query.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    }

    /** A plus is a plus. */
    static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    static String encoded(String text, boolean isPath) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            String c = String.valueOf((char) (b & 0xff));
            if (c.matches("[A-Za-z0-9._~-]") || isPath && c.equals("/")) {
                out.append(c);
            } else {
                out.append(String.format(Locale.ROOT, "%%%02X", b & 0xff));
            }
        }
        return out.toString();
    }

    /** SHA-256 in hex. */
    static String hash(byte[] bytes) {
        try {
            return hex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
