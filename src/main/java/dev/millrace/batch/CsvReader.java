package dev.millrace.batch;

import dev.millrace.config.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a table of comma-separated values row by row, as RFC 4180 and spreadsheets write it: values
 * in quotation marks may hold commas, line ends, and quotation marks twice. Used by one thread.
 */
final class CsvReader {
    /** No row of URLs is as long; a quotation mark that is never closed would be one. */
    private static final int MAX_ROW = 1 << 20;

    private static final char QUOTE = '"';

    private final BufferedReader in;
    private final String name;
    private int line = 1;
    private int rowLine;

    CsvReader(BufferedReader in, String name) {
        this.in = in;
        this.name = name;
    }

    /** Where the last row began, in words. */
    String where() {
        return "IMAGE: line " + rowLine + " of '" + name + "'";
    }

    /** The next row that is not empty. */
    Optional<List<String>> next() throws IOException {
        List<String> row = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        boolean quoted = false;
        rowLine = line;
        int length = 0;
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (++length > MAX_ROW) {
                throw new ConfigException(
                        where()
                                + ": a row is longer than 1 MiB; close the quotation mark that it opens");
            }
            if (quoted) {
                quoted = inQuotes(c, value);
            } else if (c == QUOTE && value.isEmpty()) {
                quoted = true;
            } else if (c == ',') {
                row.add(value.toString());
                value.setLength(0);
            } else if (c == '\n') {
                line++;
                if (!row.isEmpty() || !value.isEmpty()) {
                    row.add(value.toString());
                    return Optional.of(row);
                }
                rowLine = line;
            } else if (c != '\r') {
                value.append((char) c);
            }
        }
        if (quoted) {
            throw new ConfigException(where() + ": a quotation mark is not closed; close it");
        }
        if (row.isEmpty() && value.isEmpty()) {
            return Optional.empty();
        }
        row.add(value.toString());
        return Optional.of(row);
    }

    /** Whether the value goes on in quotation marks. */
    private boolean inQuotes(int c, StringBuilder value) throws IOException {
        if (c == '\n') {
            line++;
        }
        if (c != QUOTE) {
            value.append((char) c);
            return true;
        }
        in.mark(1);
        if (in.read() == QUOTE) {
            value.append(QUOTE);
            return true;
        }
        in.reset();
        return false;
    }
}
