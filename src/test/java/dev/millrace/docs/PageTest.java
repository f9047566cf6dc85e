package dev.millrace.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How a page and the list of its commands are read. */
class PageTest {
    @Test
    void aPageHasCommandsAndWhatTheyPrint() {
        Page page =
                Page.of(
                        "page.md",
                        """
                        Words with `scripts/millrace doctor`.

                        ```
                        scripts/millrace demo     # real photos
                        scripts/millrace submit --queue URL \\
                          a.jpg
                        ```

                        <!-- output of: scripts/millrace demo -->
                        ```
                        300 messages
                        ```
                        ```yaml
                        a: 1
                        ```
                        """);
        assertEquals(
                List.of("scripts/millrace demo", "scripts/millrace submit --queue URL a.jpg"),
                page.blocks().get(0).commands());
        assertEquals(3, page.blocks().get(0).line());
        assertEquals(
                Optional.of(new Page.Mark("output of", "scripts/millrace demo")),
                page.blocks().get(1).mark());
        assertEquals("yaml", page.blocks().get(2).language());
        assertEquals(Optional.empty(), page.blocks().get(2).mark());
        assertEquals(List.of("scripts/millrace doctor"), page.inline());
    }

    @Test
    void theListSaysWhatBecomesOfACommand() {
        Map<String, Known> known =
                Known.parse(
                        List.of(
                                "# a comment",
                                "scripts/millrace bench",
                                "  begin: eight minutes",
                                "  until: left",
                                "",
                                "mvn verify",
                                "  build: the build itself"));
        assertEquals(Optional.of("left"), known.get("scripts/millrace bench").option("until"));
        assertEquals("the build itself", known.get("mvn verify").why());
        assertThrows(
                IllegalArgumentException.class,
                () -> Known.parse(List.of("mvn verify", "  stroll: why")));
    }
}
