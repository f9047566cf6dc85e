package dev.millrace.faults;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles the classes that take a worker's defences away, or its speed. */
public final class Undefended {
    private static final Path SOURCES = Path.of("src/test/undefended");

    private Undefended() {}

    /**
     * Writes a class of the worker with one place changed, which must be there.
     *
     * @param file below {@code dev/millrace}
     * @param root where the source goes
     */
    public static void change(String file, String from, String to, Path root) throws IOException {
        Path path = Path.of("dev", "millrace").resolve(file);
        Path changed = root.resolve(path);
        // A second place of a class is changed beside the first.
        Path original = Path.of("src/main/java").resolve(path);
        String source = Files.readString(Files.exists(changed) ? changed : original);
        if (!source.contains(from)) {
            throw new AssertionError(file + " does not have '" + from + "' any more");
        }
        Files.createDirectories(changed.getParent());
        Files.writeString(changed, source.replace(from, to));
    }

    /** Compiles those that all take a defence away into a folder. */
    static void compile(Path into) throws IOException {
        compile(SOURCES, into);
    }

    /** Compiles what is below {@code root} into a folder. */
    public static void compile(Path root, Path into) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter words = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.walk(root)) {
            List<Path> all = sources.filter(path -> path.toString().endsWith(".java")).toList();
            List<String> options =
                    List.of(
                            "-proc:none",
                            "-d",
                            into.toString(),
                            "-cp",
                            System.getProperty("java.class.path"));
            boolean compiled =
                    compiler.getTask(
                                    words,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjectsFromPaths(all))
                            .call();
            if (!compiled) {
                throw new AssertionError(root + " does not fit the worker any more:\n" + words);
            }
        }
    }
}
