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
    private Undefended() {}

    /**
     * A place of the worker's source.
     *
     * @param file below {@code dev/millrace}
     * @param now what stands there, which must be there
     * @param before what is to stand there instead
     */
    public record Change(String file, String now, String before) {}

    /**
     * Compiles classes of the worker with some places changed, and nothing else.
     *
     * @param folder empty, for sources and classes
     * @return the classes, to go before the worker's own
     */
    public static Path changed(Path folder, List<Change> changes) throws IOException {
        Path sources = Files.createDirectories(folder.resolve("sources"));
        for (Change change : changes) {
            Path path = Path.of("dev", "millrace").resolve(change.file());
            Path changed = sources.resolve(path);
            // A second place of a class is changed beside the first.
            Path from = Files.exists(changed) ? changed : Path.of("src/main/java").resolve(path);
            String source = Files.readString(from);
            if (!source.contains(change.now())) {
                throw new AssertionError(change + " does not fit its file any more");
            }
            Files.createDirectories(changed.getParent());
            Files.writeString(changed, source.replace(change.now(), change.before()));
        }
        Path classes = Files.createDirectories(folder.resolve("classes"));
        if (!changes.isEmpty()) {
            compile(sources, classes);
        }
        return classes;
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
