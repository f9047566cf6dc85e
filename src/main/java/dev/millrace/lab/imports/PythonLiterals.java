package dev.millrace.lab.imports;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The literals of Python that exporters put into metadata, as {@code str} writes them. */
final class PythonLiterals {
    private static final Pattern ENTRY =
            Pattern.compile(
                    "(\\d{1,6})\\s*:\\s*(?:'((?:[^'\\\\]|\\\\.)*)'|\"((?:[^\"\\\\]|\\\\.)*)\")");
    private static final Pattern TEXT =
            Pattern.compile("'((?:[^'\\\\]|\\\\.)*)'|\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,6}");
    private static final int MOST = 100_000;

    private PythonLiterals() {}

    /** {@code {0: 'person', 2: "cat"}} or {@code ['person', 'cat']}; an empty text for a gap. */
    static List<String> names(String literal) {
        TreeMap<Integer, String> named = new TreeMap<>();
        Matcher entry = ENTRY.matcher(literal);
        while (entry.find()) {
            named.put(Integer.parseInt(entry.group(1)), text(entry.group(2), entry.group(3)));
        }
        if (named.isEmpty() && literal.strip().startsWith("[")) {
            Matcher text = TEXT.matcher(literal);
            while (text.find()) {
                named.put(named.size(), text(text.group(1), text.group(2)));
            }
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; !named.isEmpty() && i <= Math.min(MOST, named.lastKey()); i++) {
            names.add(named.getOrDefault(i, ""));
        }
        return names;
    }

    private static String text(String single, String twice) {
        return (single == null ? twice : single).replaceAll("\\\\(.)", "$1").strip();
    }

    /** {@code [640, 640]}, {@code (640, 640)} or {@code 640}. */
    static List<Integer> numbers(String literal) {
        return NUMBER.matcher(literal).results().map(it -> Integer.parseInt(it.group())).toList();
    }
}
