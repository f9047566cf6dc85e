package dev.millrace.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds the output that a page shows against what a command printed. Words and counts must be the
 * same; a measured number (one with a unit of time, rate, share or size, or in a column to its
 * right) may be any; a score may differ by what another CPU's rounding does. A line of three dots
 * stands for any lines, {@code …} for any text within a line.
 */
final class Shown {
    private static final double SCORE = 0.05;

    private static final String NUMBER = "\\d+(?:[.,]\\d+)*";
    private static final String UNIT =
            "(?: ?(?:ms|s|min|%|kB|MB|MiB|GB|KiB)\\b| ?%| images/s| CPU-ms| threads?)";
    private static final Pattern MEASURED =
            Pattern.compile(
                    "(?:(?<=batch )|(?<=ms/image )|(?<=% ))"
                            + NUMBER
                            + "|"
                            + NUMBER
                            + "(?="
                            + UNIT
                            + ")");
    private static final Pattern PIECE = Pattern.compile("…|" + NUMBER);

    private Shown() {}

    /**
     * The first shown line that the output does not have where it should be.
     *
     * @param shown the lines of the page
     * @param printed the lines of the command
     */
    static Optional<String> missing(List<String> shown, List<String> printed) {
        List<String> rest =
                printed.stream().map(Shown::plain).filter(one -> !one.isEmpty()).toList();
        int next = 0;
        boolean gap = true;
        for (String line : shown) {
            String wanted = plain(line);
            if (wanted.isEmpty()) {
                continue;
            }
            if (wanted.equals("...")) {
                gap = true;
                continue;
            }
            int at = next;
            while (at < rest.size() && !fits(wanted, rest.get(at))) {
                if (!gap) {
                    return Optional.of(line + "\n  where it printed: " + rest.get(at));
                }
                at++;
            }
            if (at >= rest.size()) {
                return Optional.of(line);
            }
            next = at + 1;
            gap = false;
        }
        return Optional.empty();
    }

    /** Columns are as wide as their content, so spaces do not count. */
    private static String plain(String line) {
        return line.strip().replaceAll("\\s+", " ");
    }

    /** Whether a printed line is the shown one. */
    static boolean fits(String shown, String printed) {
        StringBuilder pattern = new StringBuilder();
        List<Double> scores = new ArrayList<>();
        Matcher measured = MEASURED.matcher(shown);
        Matcher piece = PIECE.matcher(shown);
        int end = 0;
        while (piece.find(end)) {
            pattern.append(Pattern.quote(shown.substring(end, piece.start())));
            end = piece.end();
            if (piece.group().equals("…")) {
                pattern.append(".*");
            } else if (measured.find(piece.start())
                    && measured.start() <= piece.start()
                    && measured.end() == piece.end()) {
                pattern.append(NUMBER);
            } else if (piece.group().startsWith("0.") || piece.group().startsWith("1.0")) {
                pattern.append("(" + NUMBER + ")");
                scores.add(Double.valueOf(piece.group()));
            } else {
                pattern.append(Pattern.quote(piece.group()));
            }
        }
        pattern.append(Pattern.quote(shown.substring(end)));
        Matcher matcher = Pattern.compile(pattern.toString()).matcher(printed);
        if (!matcher.matches()) {
            return false;
        }
        for (int i = 0; i < scores.size(); i++) {
            if (Math.abs(Double.parseDouble(matcher.group(i + 1)) - scores.get(i)) > SCORE) {
                return false;
            }
        }
        return true;
    }
}
