package dev.millrace.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.lab.Laboratory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * The pages name commands, options, files and classes that exist, and each command in them is one
 * that {@code scripts/test/first-hour.sh} knows. That script runs them; this test does not.
 */
class PagesTest {
    private static final Path HOME = Path.of("").toAbsolutePath();
    private static final CommandLine COMMANDS = Laboratory.commands();

    /** {@code -Dit.test=KillFT}, and what else names a class in a command of Maven's. */
    private static final Pattern CLASS =
            Pattern.compile("-D(?:it\\.test|test|bench\\.main|fuzz\\.target)=([\\w.]+)");

    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z0-9-]*");
    private static final Pattern PROFILE = Pattern.compile(" -P([\\w-]+)");
    private static final Pattern SCRIPT =
            Pattern.compile("(?<![\\w/])(?:scripts|docker|deploy|examples)/[\\w./-]+");

    private static List<Page> pages() throws IOException {
        return Page.all(HOME);
    }

    @Test
    void everyCommandIsOneThatTheWalkKnows() throws IOException {
        Map<String, Known> known = Known.read(HOME);
        Set<String> named = new HashSet<>();
        List<String> unknown = new ArrayList<>();
        for (Page page : pages()) {
            for (Page.Block block : page.blocks()) {
                if (block.isCommands()) {
                    for (String command : block.commands()) {
                        named.add(command);
                        if (!known.containsKey(command)) {
                            unknown.add(page.file() + ":" + block.line() + ": " + command);
                        }
                    }
                }
            }
        }
        assertEquals(List.of(), unknown, "commands that " + Known.FILE + " does not list");
        Set<String> gone = new HashSet<>(known.keySet());
        gone.removeAll(named);
        assertEquals(Set.of(), gone, "listed in " + Known.FILE + " and on no page");
    }

    /** Otherwise a command could hide in a block that is taken for something else. */
    @Test
    void everyBlockSaysWhatItIs() throws IOException {
        List<String> unclear = new ArrayList<>();
        for (Page page : pages()) {
            Set<String> commands = new HashSet<>();
            for (Page.Block block : page.blocks()) {
                String place = page.file() + ":" + block.line();
                if (block.isCommands()) {
                    commands.addAll(block.commands());
                } else if (block.isOutput()) {
                    if (!commands.contains(block.mark().orElseThrow().value())) {
                        unclear.add(place + ": is the output of no command before it on this page");
                    }
                } else if (block.language().isEmpty() && !block.isFile()) {
                    unclear.add(place + ": is neither commands nor output, and names no language");
                }
            }
        }
        assertEquals(List.of(), unclear);
    }

    @Test
    void everyCommandOfMillraceAndItsOptionsExist() throws IOException {
        List<String> wrong = new ArrayList<>();
        int held = 0;
        for (Page page : pages()) {
            for (String command : millrace(page)) {
                held++;
                mistake(command)
                        .ifPresent(one -> wrong.add(page.file() + ": " + command + ": " + one));
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(held > 50, held + " commands were found");
        assertEquals(Optional.of("--confg"), mistake("worker --confg worker.yaml"));
        assertEquals(Optional.of("weave"), mistake("engine weave engines/safety"));
    }

    /** Those in blocks and in sentences, without the launcher's name. */
    private static List<String> millrace(Page page) {
        Set<String> names = COMMANDS.getSubcommands().keySet();
        return Stream.concat(
                        page.blocks().stream()
                                .filter(Page.Block::isCommands)
                                .flatMap(block -> block.commands().stream())
                                .filter(command -> command.contains("millrace ")),
                        page.inline().stream()
                                .filter(
                                        code ->
                                                code.contains("millrace ")
                                                        || names.contains(code.split(" ")[0])))
                .map(command -> command.replaceFirst(";.*", ""))
                .map(command -> command.replaceFirst("^(\\S+=\\S+ )*\\S*millrace ", ""))
                .filter(command -> names.contains(command.split(" ")[0]) || command.startsWith("-"))
                .toList();
    }

    private static Optional<String> mistake(String command) {
        CommandLine line = COMMANDS;
        for (String word : command.split(" ")) {
            if (word.startsWith("-") && word.length() > 1) {
                String option = word.replaceFirst("=.*", "");
                if (line.getCommandSpec().findOption(option) == null) {
                    return Optional.of(option);
                }
            } else if (line.getSubcommands().containsKey(word)) {
                line = line.getSubcommands().get(word);
            } else if (!line.getSubcommands().isEmpty()
                    && line.getCommandSpec().positionalParameters().isEmpty()) {
                return Optional.of(word);
            }
        }
        return Optional.empty();
    }

    /** As in tables, whose first column names the command. */
    @Test
    void everyOptionThatStandsAloneIsOneOfACommandOrAScript() throws IOException {
        Set<String> known = new HashSet<>();
        options(COMMANDS, known);
        for (String folder : List.of("scripts", "docker")) {
            try (Stream<Path> files = Files.walk(HOME.resolve(folder))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    OPTION.matcher(Files.readString(file))
                            .results()
                            .forEach(o -> known.add(o.group()));
                }
            }
        }
        List<String> wrong = new ArrayList<>();
        int held = 0;
        for (Page page : pages()) {
            for (String code : page.inline()) {
                Matcher option = OPTION.matcher(code);
                if (option.lookingAt()) {
                    held++;
                    if (!known.contains(option.group())) {
                        wrong.add(page.file() + ": " + code);
                    }
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(held > 50, held + " options were found");
    }

    private static void options(CommandLine command, Set<String> all) {
        command.getCommandSpec().options().forEach(option -> all.addAll(List.of(option.names())));
        command.getSubcommands().values().forEach(one -> options(one, all));
    }

    @Test
    void everyProfileAndClassInACommandOfMavenExists() throws IOException {
        String pom = Files.readString(HOME.resolve("pom.xml"));
        Set<String> classes = new HashSet<>();
        try (Stream<Path> sources = Files.walk(HOME.resolve("src"))) {
            sources.filter(file -> file.toString().endsWith(".java"))
                    .forEach(file -> classes.add(file.getFileName().toString()));
        }
        List<String> wrong = new ArrayList<>();
        int held = 0;
        for (Page page : pages()) {
            Stream<String> blocks =
                    page.blocks().stream()
                            .filter(Page.Block::isCommands)
                            .flatMap(block -> block.commands().stream());
            for (String command : Stream.concat(blocks, page.inline().stream()).toList()) {
                if (!command.startsWith("mvn ")) {
                    continue;
                }
                Matcher profile = PROFILE.matcher(command);
                while (profile.find()) {
                    held++;
                    if (!pom.contains("<id>" + profile.group(1) + "</id>")) {
                        wrong.add(page.file() + ": " + command + ": no such profile");
                    }
                }
                Matcher name = CLASS.matcher(command);
                while (name.find()) {
                    held++;
                    String simple = name.group(1).substring(name.group(1).lastIndexOf('.') + 1);
                    if (!classes.contains(simple + ".java")) {
                        wrong.add(page.file() + ": " + command + ": no such class");
                    }
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(held > 20, held + " names were found");
    }

    @Test
    void everyFileOfTheCheckoutThatIsNamedExists() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Page page : pages()) {
            Stream<String> blocks =
                    page.blocks().stream()
                            .filter(Page.Block::isCommands)
                            .flatMap(block -> block.commands().stream());
            for (String code : Stream.concat(blocks, page.inline().stream()).toList()) {
                Matcher script = SCRIPT.matcher(code);
                while (script.find()) {
                    String file = script.group().replaceFirst("[./]+$", "");
                    if (!Files.exists(HOME.resolve(file)) && !code.contains("millrace/" + file)) {
                        wrong.add(page.file() + ": " + file);
                    }
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void everyBlockOfJsonAndYamlIsOne() throws IOException {
        for (Page page : pages()) {
            for (Page.Block block : page.blocks()) {
                String text = String.join("\n", block.lines());
                String place = page.file() + ":" + block.line();
                if (block.language().equals("json")) {
                    assertTrue(new ObjectMapper().readTree(text).isObject(), place);
                }
            }
        }
    }
}
