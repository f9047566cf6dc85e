package dev.millrace.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documents: its fenced blocks, and the code in its sentences.
 *
 * @param file as it is written from the checkout's root
 */
record Page(String file, List<Block> blocks, List<String> inline) {
    private static final List<String> FOLDERS = List.of("docs", "docker", "deploy", "native");

    private static final Pattern FENCE = Pattern.compile("```(\\w*)");
    private static final Pattern MARK = Pattern.compile("<!-- (output of|file): (.*) -->");
    private static final Pattern INLINE = Pattern.compile("(?s)`([^`]+)`");

    /** What the first word of a command looks like. */
    private static final Pattern COMMAND =
            Pattern.compile(
                    "(\\w+=\\S+ )*"
                            + "(scripts/|millrace/|millrace-parts/|examples/|mvn |docker |sudo |kubectl |javac? |jar |ctest |cp |mkdir |curl |python3 ).*");

    /** What stands before a block in a comment: what it shows, or which file it is. */
    record Mark(String kind, String value) {}

    /**
     * A fenced block.
     *
     * @param line of the page, from 1, of the opening fence
     * @param language empty where the page names none
     */
    record Block(int line, String language, List<String> lines, Optional<Mark> mark) {
        boolean isOutput() {
            return mark.filter(one -> one.kind().equals("output of")).isPresent();
        }

        boolean isFile() {
            return mark.filter(one -> one.kind().equals("file")).isPresent();
        }

        /** Whether a user is to type it. */
        boolean isCommands() {
            return mark.isEmpty()
                    && language.isEmpty()
                    && COMMAND.matcher(lines.getFirst()).matches();
        }

        /** The commands, each in one line, without comments. */
        List<String> commands() {
            List<String> commands = new ArrayList<>();
            StringBuilder open = new StringBuilder();
            for (String line : lines) {
                String text = line.replaceFirst("\\s+# .*$", "").strip();
                boolean more = text.endsWith("\\");
                open.append(open.isEmpty() ? "" : " ");
                open.append(more ? text.substring(0, text.length() - 1).strip() : text);
                if (!more) {
                    if (!open.isEmpty()) {
                        commands.add(open.toString());
                    }
                    open.setLength(0);
                }
            }
            return commands;
        }
    }

    /** All pages that a user or a contributor reads, README first. */
    static List<Page> all(Path home) throws IOException {
        List<Path> files = new ArrayList<>(List.of(home.resolve("README.md")));
        files.add(home.resolve("SECURITY.md"));
        for (String folder : FOLDERS) {
            try (Stream<Path> found = Files.walk(home.resolve(folder))) {
                found.filter(file -> file.toString().endsWith(".md")).sorted().forEach(files::add);
            }
        }
        List<Page> pages = new ArrayList<>();
        for (Path file : files) {
            pages.add(of(home.relativize(file).toString(), Files.readString(file)));
        }
        return pages;
    }

    static Page of(String file, String text) {
        List<Block> blocks = new ArrayList<>();
        StringBuilder prose = new StringBuilder();
        Optional<Mark> mark = Optional.empty();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            Matcher fence = FENCE.matcher(lines.get(i).strip());
            if (fence.matches()) {
                int open = i + 1;
                List<String> inside = new ArrayList<>();
                while (++i < lines.size() && !lines.get(i).strip().equals("```")) {
                    inside.add(lines.get(i));
                }
                blocks.add(new Block(open, fence.group(1), List.copyOf(inside), mark));
                mark = Optional.empty();
                continue;
            }
            Matcher comment = MARK.matcher(lines.get(i).strip());
            if (comment.matches()) {
                mark = Optional.of(new Mark(comment.group(1), comment.group(2)));
            } else {
                prose.append(lines.get(i)).append('\n');
            }
        }
        List<String> inline = new ArrayList<>();
        Matcher code = INLINE.matcher(prose);
        while (code.find()) {
            String one = code.group(1).replaceAll("\\s+", " ").strip();
            inline.add(one);
        }
        return new Page(file, List.copyOf(blocks), List.copyOf(inline));
    }
}
