package dev.millrace.yaml;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** What a person probably meant. */
public final class Suggestion {
    private Suggestion() {}

    /**
     * The candidate that differs least from {@code word}, upper and lower case aside; the first of
     * several. Empty where each differs in more than half of its letters.
     */
    public static Optional<String> closest(String word, Collection<String> candidates) {
        String best = null;
        int least = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int distance =
                    distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            boolean alike = 2 * distance <= Math.max(word.length(), candidate.length());
            if (alike && distance < least) {
                best = candidate;
                least = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /** {@code "; did you mean x?"}, or nothing. */
    public static String hint(String word, Collection<String> candidates) {
        return closest(word, candidates).map(found -> "; did you mean " + found + "?").orElse("");
    }

    /** Levenshtein's. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitute = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitute, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
