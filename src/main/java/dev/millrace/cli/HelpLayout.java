package dev.millrace.cli;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Lays out help texts in 80 columns. Lines end at spaces only: picocli alone also ends them at dots
 * and hyphens, and so breaks the names of files, hosts and options.
 */
final class HelpLayout {
    static final int WIDTH = 80;

    /** So wide that picocli ends no line itself. */
    private static final int UNBROKEN = 2000;

    private static final String USAGE = "Usage: ";

    /** How much further right than its beginning the rest of a description stands. */
    private static final int HANGING = 2;

    /** How a line of a list begins: with an option, with another name and a gap, or with spaces. */
    private static final Pattern ITEM = Pattern.compile(" *(?:-\\w, )?--\\S+ +| *\\S+ {2,}| +");

    private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;]*m");

    private HelpLayout() {}

    /** Sets it for these commands and all that have been added to them. */
    static void set(CommandLine commands) {
        commands.setUsageHelpWidth(UNBROKEN);
        Map<String, IHelpSectionRenderer> sections = commands.getHelpSectionMap();
        sections.replaceAll((_, section) -> help -> wrapped(section.render(help)));
        sections.put(
                UsageMessageSpec.SECTION_KEY_SYNOPSIS,
                help -> wrapped(help.synopsis(USAGE.length()), USAGE.length(), indent(help)));
        commands.setHelpSectionMap(sections);
        if (!StatusLine.wanted(System.getenv())) {
            // Whether there is a terminal at all picocli knows itself.
            commands.setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF));
        }
    }

    /** Where the synopsis goes on in its second line. */
    private static int indent(Help help) {
        return USAGE.length() + help.commandSpec().qualifiedName().length() + 1;
    }

    /** A list, a paragraph or a heading, each of its lines by itself. */
    static String wrapped(String section) {
        StringBuilder wrapped = new StringBuilder();
        for (String line : section.split("(?<=\n)")) {
            Matcher item = ITEM.matcher(ESCAPES.matcher(line).replaceAll(""));
            wrapped.append(wrapped(line, 0, item.lookingAt() ? item.end() + HANGING : 0));
        }
        return wrapped.toString();
    }

    /**
     * @param column where the line begins
     * @param indent where what does not fit goes on
     */
    private static String wrapped(String line, int column, int indent) {
        StringBuilder wrapped = new StringBuilder();
        int at = column;
        for (String word : line.split("(?<=\\S)(?= )")) {
            if (at > indent && at + length(word) > WIDTH) {
                wrapped.append(System.lineSeparator()).append(" ".repeat(indent));
                word = word.replaceFirst("^ ", "");
                at = indent;
            }
            wrapped.append(word);
            at += length(word);
        }
        return wrapped.toString();
    }

    private static int length(String word) {
        return ESCAPES.matcher(word).replaceAll("").stripTrailing().length();
    }
}
