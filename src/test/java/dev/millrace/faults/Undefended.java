package dev.millrace.faults;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles the classes that take a worker's defences away. */
final class Undefended {
    private static final Path SOURCES = Path.of("src/test/undefended");

    private Undefended() {}

    /**
     * Compiles them into a folder.
     *
     * @param only those whose path ends so; all where there is none
     */
    static void compile(Path into, String... only) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter words = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.walk(SOURCES)) {
            List<Path> all =
                    sources.filter(path -> path.toString().endsWith(".java"))
                            .filter(path -> only.length == 0 || isOneOf(path, only))
                            .toList();
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
            if (!compiled || all.size() < only.length) {
                throw new AssertionError(SOURCES + " does not fit the worker any more:\n" + words);
            }
        }
    }

    private static boolean isOneOf(Path path, String... ends) {
        return Arrays.stream(ends).anyMatch(end -> path.endsWith(Path.of(end)));
    }
}
