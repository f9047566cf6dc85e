package dev.millrace.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What the help of each command says, and how it is laid out. */
class HelpTextsTest {
    private static final int WIDTH = 80;

    /** With one of these a text goes on from a word that is not there. */
    private static final String FRAGMENTS =
            "(Of|Before|After|At|That|Those|These|From|To|Instead|Also|Only|Which|How|Default|None)\\b.*";

    /** What a number can be counted in, by the label of its option. */
    private static final Map<String, String> UNITS =
            Map.ofEntries(
                    Map.entry("INDEX", "from 0"),
                    Map.entry("MIB", "MiB"),
                    Map.entry("MINUTES", "Minutes"),
                    Map.entry("SECONDS", "Seconds"),
                    Map.entry("MS", "Milliseconds"),
                    Map.entry("PERCENT", "Percent"),
                    Map.entry("PIXELS", "pixels"),
                    Map.entry("PORT", "Port"),
                    Map.entry("RATE", "images per second"),
                    Map.entry("SEED", "Seed"),
                    Map.entry("SHARE", "0 to 1"));

    static Stream<Arguments> commands() {
        Map<String, CommandLine> all = new TreeMap<>();
        collect(Laboratory.commands(), all);
        return all.entrySet().stream().map(one -> Arguments.of(one.getKey(), one.getValue()));
    }

    private static void collect(CommandLine command, Map<String, CommandLine> all) {
        all.put(command.getCommandSpec().qualifiedName(), command);
        // The command "help" is picocli's.
        command.getSubcommands().values().stream()
                .filter(one -> !one.getCommandName().equals("help"))
                .forEach(one -> collect(one, all));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void whatACommandDoesIsASentence(String name, CommandLine command) {
        String[] said = command.getCommandSpec().usageMessage().description();
        assertTrue(said.length > 0, name);
        for (String line : said) {
            assertSentence(name, line);
        }
        command.getCommandSpec()
                .usageMessage()
                .exitCodeList()
                .forEach((code, text) -> assertTrue(text.contains(" "), name + " " + code));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void eachOptionSaysWhatItSetsItsUnitAndItsDefault(String name, CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        List<ArgSpec> all = new ArrayList<>(spec.options());
        all.addAll(spec.positionalParameters());
        Set<String> texts = new HashSet<>();
        for (ArgSpec one : all) {
            if (one.hidden()) {
                continue;
            }
            String what =
                    name + " " + (one instanceof OptionSpec o ? o.longestName() : one.paramLabel());
            String text = String.join(" ", one.description());
            assertTrue(
                    texts.add(text.split("\\(default")[0]),
                    what + " says what another option says: " + text);
            assertSentence(what, text);
            assertFalse(text.matches(FRAGMENTS), what + ": " + text);
            if (one.arity().max() == 0) {
                continue;
            }
            assertTrue(
                    text.contains("(default: ") || text.endsWith("Required."),
                    what + " says no default: " + text);
            assertEquals(one.required(), text.endsWith("Required."), what + ": " + text);
            if (one.defaultValue() != null && !one.defaultValue().isEmpty()) {
                assertTrue(text.contains(one.defaultValue()), what + ": " + text);
            }
            assertUnit(what, one, text);
        }
    }

    /** Whoever runs one from a script decides by it. */
    @ParameterizedTest
    @ValueSource(strings = {"submit", "bench", "tune"})
    void eachExitCodeIsExplained(String name) {
        CommandLine command = Laboratory.commands().getSubcommands().get(name);
        Map<String, String> codes = command.getCommandSpec().usageMessage().exitCodeList();
        assertEquals(Set.of("0", "1", "2"), codes.keySet());
        assertTrue(command.getUsageMessage(Ansi.OFF).contains("Exit codes:"), name);
    }

    private static void assertUnit(String what, ArgSpec one, String text) {
        Class<?> type =
                one.typeInfo().getAuxiliaryTypes().length == 0
                        ? one.type()
                        : one.typeInfo().getAuxiliaryTypes()[0];
        String label = one.paramLabel();
        assertFalse(label.startsWith("<"), what + " has no label: " + label);
        boolean number =
                Set.of(int.class, Integer.class, long.class, Long.class, double.class, Double.class)
                        .contains(type);
        if (type == Duration.class) {
            assertTrue(label.equals("TIME"), what + ": " + label);
        } else if (number && label.equals("N")) {
            // The first word is what is counted.
            assertTrue(text.matches("[A-Z][a-z ]*s\\b.*"), what + ": " + text);
        } else if (number) {
            String unit = UNITS.get(label);
            assertTrue(unit != null && text.contains(unit), what + ": " + label + ": " + text);
        }
    }

    private static void assertSentence(String what, String text) {
        assertTrue(text.matches("[A-Z`].*"), what + " begins with no capital: " + text);
        assertTrue(text.endsWith("."), what + " ends without a full stop: " + text);
        assertFalse(text.contains(" ;") || text.contains("  "), what + ": " + text);
    }

    /** Joined again, the lines have the words that were meant, and so broke none. */
    @ParameterizedTest
    @MethodSource("commands")
    void noLineIsTooLongAndNoWordBroken(String name, CommandLine command) {
        String help = command.getUsageMessage(Ansi.OFF);
        for (String line : help.split("\\R")) {
            assertTrue(line.length() <= WIDTH, name + ": " + line);
        }
        for (String line : help.split("Exit codes:|Commands:")[0].split("\\R")) {
            // A paragraph, an option, a parameter, or what goes on below a description.
            assertTrue(line.matches("\\S.*| {2}-.*| {6}\\S.*| {14,}\\S.*"), name + ": " + line);
        }
        String words = " " + help.replaceAll("\\s+", " ") + " ";
        List<String> texts =
                new ArrayList<>(List.of(command.getCommandSpec().usageMessage().description()));
        command.getCommandSpec().options().stream()
                .filter(one -> !one.hidden())
                .forEach(one -> texts.addAll(List.of(one.description())));
        for (String text : texts) {
            String part = text.replace("%%", "%").split("\\$\\{")[0];
            assertTrue(words.contains(part.strip()), name + " breaks '" + part + "':\n" + help);
        }
    }
}
