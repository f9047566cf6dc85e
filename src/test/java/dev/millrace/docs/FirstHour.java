package dev.millrace.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of README and documents, run as they are written, and what they print held against
 * what the pages show. {@code scripts/test/first-hour.sh} runs it, after a build; it takes minutes
 * and is run by its name. What is not run says why.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FirstHour {
    private static final Path HOME = Path.of("").toAbsolutePath();

    private Map<String, Known> known;
    private Walk walk;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        known = Known.read(HOME);
        walk = Walk.in(folder, HOME, known);
    }

    @AfterAll
    void end() throws Exception {
        walk.close();
    }

    @TestFactory
    Stream<DynamicNode> pages() throws Exception {
        String only = System.getProperty("millrace.page", "");
        return Page.all(HOME).stream()
                .filter(page -> page.file().contains(only))
                .map(page -> DynamicContainer.dynamicContainer(page.file(), steps(page)));
    }

    private List<DynamicTest> steps(Page page) {
        List<DynamicTest> steps = new ArrayList<>();
        for (Page.Block block : page.blocks()) {
            if (block.isFile()) {
                String file = block.mark().orElseThrow().value();
                steps.add(DynamicTest.dynamicTest(file, () -> walk.write(file, block.lines())));
            } else if (block.isOutput()) {
                String command = block.mark().orElseThrow().value();
                steps.add(step("output of " + command, () -> walk.compare(command, block.lines())));
            } else if (block.isCommands()) {
                for (String command : block.commands()) {
                    Known one = known.get(command);
                    if (one == null) {
                        throw new AssertionError(
                                page.file()
                                        + ":"
                                        + block.line()
                                        + ": "
                                        + command
                                        + ": is not listed in "
                                        + Known.FILE);
                    }
                    if (one.isStarted()) {
                        steps.add(step(one.how() + " " + command, () -> take(one)));
                    } else {
                        System.out.printf(
                                "%-16s not run (%s) %s%s%n",
                                page.file(),
                                one.how(),
                                command,
                                one.why().isEmpty() ? "" : ": " + one.why());
                    }
                }
            }
        }
        steps.add(DynamicTest.dynamicTest("end of the page", walk::endPage));
        return steps;
    }

    /** A command that stands on two pages is run once. */
    private void take(Known known) throws Exception {
        if (!walk.hasTaken(known)) {
            walk.take(known);
        }
    }

    /** With its seconds, so that the walk shows what takes how long. */
    private static DynamicTest step(String name, Executable body) {
        return DynamicTest.dynamicTest(
                name,
                () -> {
                    long start = System.nanoTime();
                    try {
                        body.execute();
                        System.out.printf(
                                "%5.1f s  ok    %s%n", (System.nanoTime() - start) / 1e9, name);
                    } catch (Throwable failure) {
                        System.out.printf(
                                "%5.1f s  FAIL  %s%n", (System.nanoTime() - start) / 1e9, name);
                        throw failure;
                    }
                });
    }
}
