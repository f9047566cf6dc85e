package dev.millrace.resource;

import java.util.regex.Pattern;

/**
 * Text of untrusted senders as a terminal and a log may have it: no character that controls a
 * terminal or turns the order of the others around, and no secret of a URL.
 */
public final class SafeText {
    /** Marks, embeddings, overrides and isolates of bidirectional text, and what breaks a line. */
    private static final String CONTROLS =
            "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029";

    private static final Pattern USER_INFO = Pattern.compile("(://)[^\\s/?#@\"]*@");

    /** Of requests to AWS that are signed in their URL. */
    private static final Pattern SIGNED =
            Pattern.compile("(?i)(X-Amz-(?:Signature|Credential|Security-Token)=)[\\w%/+=.~-]+");

    private SafeText() {}

    /** Whether a character controls a terminal, breaks a line, or is half of one. */
    public static boolean isUnsafe(int codePoint) {
        return Character.isISOControl(codePoint)
                || codePoint >= 0x061c && CONTROLS.indexOf(codePoint) >= 0
                || codePoint <= Character.MAX_VALUE && Character.isSurrogate((char) codePoint);
    }

    /**
     * Writes such characters as {@code \}{@code uXXXX}, which JSON reads as the same characters;
     * tabs and line feeds are left.
     */
    public static String escaped(String text) {
        StringBuilder safe = null;
        for (int i = 0; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            boolean unsafe = codePoint != '\n' && codePoint != '\t' && isUnsafe(codePoint);
            if (unsafe && safe == null) {
                safe = new StringBuilder(text.length() + 16).append(text, 0, i);
            }
            if (unsafe) {
                safe.append("\\u%04x".formatted(codePoint));
            } else if (safe != null) {
                safe.appendCodePoint(codePoint);
            }
            i += Character.charCount(codePoint);
        }
        return safe == null ? text : safe.toString();
    }

    /** The text on one line, with a question mark for each such character. */
    public static String line(String text) {
        return text.codePoints()
                .map(c -> isUnsafe(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Leaves out user and password of URLs, and the signatures of those that are signed. */
    public static String withoutSecrets(String text) {
        String safe = text;
        if (text.indexOf('@') >= 0 && text.contains("://")) {
            safe = USER_INFO.matcher(safe).replaceAll("$1…@");
        }
        if (text.contains("-Amz-") || text.contains("-amz-")) {
            safe = SIGNED.matcher(safe).replaceAll("$1…");
        }
        return safe;
    }
}
