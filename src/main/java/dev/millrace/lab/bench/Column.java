package dev.millrace.lab.bench;

import java.util.Locale;
import java.util.function.Function;

/**
 * One figure of a report: its value, how it is written, and what the terminal, the page and the
 * JSON call it; null where one of them leaves it out. {@link Table} writes rows of such columns.
 *
 * @param format of {@link String#format}, for the terminal and the page
 * @param width on the terminal, negative where the text is to the left
 * @param markup whether the page gets text that is markup already, and wraps it
 * @param json the name there, where the value is written whole
 * @param <T> a row
 */
public record Column<T>(
        String format,
        Function<T, ?> value,
        String terminal,
        int width,
        String page,
        boolean markup,
        String json) {
    /** Not shown yet. */
    public static <T> Column<T> of(String format, Function<T, ?> value) {
        return new Column<>(format, value, null, 0, null, false, null);
    }

    /** For the page alone, without a title. */
    public static <T> Column<T> markup(Function<T, String> value) {
        return new Column<>("%s", value, null, 0, "", true, null);
    }

    public Column<T> terminal(String heading, int wide) {
        return new Column<>(format, value, heading, wide, page, markup, json);
    }

    public Column<T> page(String title) {
        return new Column<>(format, value, terminal, width, title, markup, json);
    }

    public Column<T> json(String name) {
        return new Column<>(format, value, terminal, width, page, markup, name);
    }

    String text(T row) {
        return String.format(Locale.ROOT, format, value.apply(row));
    }
}
