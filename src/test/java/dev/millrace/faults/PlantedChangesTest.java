package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The controls of the long profiles change exact places of the worker's source. Those profiles are
 * run seldom, so the plain build sees that each place is still there.
 */
class PlantedChangesTest {
    private static final Path TESTS = Path.of("src/test/java");
    private static final Path WORKER = Path.of("src/main/java/dev/millrace");

    private record Planted(String where, String file, String now) {}

    @Test
    void eachFitsTheSource() throws Exception {
        List<String> gone = new ArrayList<>();
        List<Planted> all = planted();
        for (Planted one : all) {
            Path file = WORKER.resolve(one.file());
            if (!Files.exists(file) || !Files.readString(file).contains(one.now())) {
                gone.add(one.where() + " changes '" + one.now() + "' in " + one.file());
            }
        }
        assertEquals(List.of(), gone);
        assertTrue(all.size() >= 50, all.size() + " were found");
    }

    @Test
    void theClassesWithoutDefencesFitTheWorker(@TempDir Path folder) throws Exception {
        Undefended.changed(folder.resolve("cost"), DefenceCost.WITHOUT);
        List<Undefended.Change> all = new ArrayList<>();
        for (Field field : Without.class.getDeclaredFields()) {
            all.add((Undefended.Change) field.get(null));
        }
        Undefended.changed(folder.resolve("all"), all);
    }

    private static List<Planted> planted() throws Exception {
        List<Planted> found = new ArrayList<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> tests = Files.walk(TESTS)) {
            List<Path> sources =
                    tests.filter(file -> file.toString().endsWith(".java"))
                            .filter(PlantedChangesTest::plants)
                            .toList();
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    files,
                                    null,
                                    List.of("-proc:none"),
                                    null,
                                    files.getJavaFileObjectsFromPaths(sources));
            for (CompilationUnitTree unit : task.parse()) {
                String where = Path.of(unit.getSourceFile().toUri()).getFileName().toString();
                new Changes(where, found).scan(unit, null);
            }
        }
        return found;
    }

    private static boolean plants(Path file) {
        try {
            return Files.readString(file).contains("Change(");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Changes extends TreeScanner<Void, Void> {
        private final String where;
        private final List<Planted> found;
        private final Map<String, String> constants = new HashMap<>();

        Changes(String where, List<Planted> found) {
            this.where = where;
            this.found = found;
        }

        /** A constant of the class, before its uses. */
        @Override
        public Void visitVariable(VariableTree tree, Void nothing) {
            if (tree.getInitializer() instanceof LiteralTree literal) {
                constants.put(tree.getName().toString(), String.valueOf(literal.getValue()));
            }
            return super.visitVariable(tree, nothing);
        }

        @Override
        public Void visitNewClass(NewClassTree tree, Void nothing) {
            if (tree.getIdentifier().toString().matches("(Undefended\\.)?Change")) {
                add("", tree.getArguments(), "");
            }
            return super.visitNewClass(tree, nothing);
        }

        /** {@code GpuFault} names a class of {@code gpu.cuda} without its folder. */
        @Override
        public Void visitMethodInvocation(MethodInvocationTree tree, Void nothing) {
            if (where.equals("GpuFault.java") && tree.getMethodSelect().toString().equals("cuda")) {
                add("gpu/cuda/", tree.getArguments(), ".java");
            }
            return super.visitMethodInvocation(tree, nothing);
        }

        private void add(String folder, List<? extends ExpressionTree> arguments, String ending) {
            String file = text(arguments.get(0));
            String now = text(arguments.get(1));
            if (file != null && now != null) {
                found.add(new Planted(where, folder + file + ending, now));
            }
        }

        /** The value of literals and constants that are joined; nothing for anything else. */
        private String text(ExpressionTree tree) {
            return switch (tree) {
                case IdentifierTree name -> constants.get(name.toString());
                case LiteralTree literal -> String.valueOf(literal.getValue());
                case BinaryTree sum -> {
                    String left = text(sum.getLeftOperand());
                    String right = text(sum.getRightOperand());
                    yield left == null || right == null ? null : left + right;
                }
                default -> null;
            };
        }
    }
}
