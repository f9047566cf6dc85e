package dev.millrace.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The last line of a terminal, which is written again in its place while a command works. Elsewhere
 * nothing is written in place: only whole lines come. It needs no escape sequences, but a carriage
 * return. Any thread may use it.
 */
public final class StatusLine implements AutoCloseable {
    private static final int WIDTH = 79;
    private static final int BAR = 24;

    private final PrintStream out;
    private final boolean redraws;
    private int shown;

    /**
     * @param redraws whether {@code out} is a terminal that shows a line in the place of another
     */
    public StatusLine(PrintStream out, boolean redraws) {
        this.out = out;
        this.redraws = redraws;
    }

    /**
     * On standard error, which is redrawn where it is a terminal and neither {@code TERM=dumb} nor
     * {@code NO_COLOR} asks for plain lines.
     */
    public static StatusLine onError() {
        return new StatusLine(System.err, wanted(System.getenv()) && errorIsTerminal());
    }

    static boolean wanted(Map<String, String> environment) {
        return !"dumb".equals(environment.get("TERM"))
                && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    private static boolean errorIsTerminal() {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/2"));
            return target.startsWith("/dev/pts")
                    || target.startsWith("/dev/console")
                    || target.toString().startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            // No Linux: Java knows the other streams only.
            Console console = System.console();
            return console != null && console.isTerminal();
        }
    }

    public boolean redraws() {
        return redraws;
    }

    /** A bar for a terminal, as wide whatever is done. */
    static String bar(double done) {
        int full = (int) (BAR * Math.clamp(done, 0, 1));
        return "[%s%s] %3d %%"
                .formatted(
                        "#".repeat(full),
                        ".".repeat(BAR - full),
                        (int) (100 * Math.clamp(done, 0, 1)));
    }

    /** Shows a bar and a text in place of what was shown before; nothing without a terminal. */
    public synchronized void show(double done, String text) {
        if (redraws) {
            String line = bar(done) + " " + text;
            replace(line.length() > WIDTH ? line.substring(0, WIDTH) : line);
        }
    }

    /** The same without a bar where nobody knows how much there is to do. */
    public void show(Optional<Double> done, String text) {
        if (done.isPresent()) {
            show(done.get(), text);
        } else {
            plain(text);
        }
    }

    private synchronized void plain(String text) {
        if (redraws) {
            replace(text.length() > WIDTH ? text.substring(0, WIDTH) : text);
        }
    }

    /** Writes a line that stays, above what is shown. */
    public synchronized void line(String text) {
        clear();
        out.println(text);
    }

    private void clear() {
        if (shown > 0) {
            replace("");
        }
    }

    private void replace(String line) {
        out.print("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
        if (line.isEmpty()) {
            out.print("\r");
        }
        out.flush();
        shown = line.length();
    }

    /** Takes away what is shown. */
    @Override
    public synchronized void close() {
        clear();
    }
}
